"""Prints what is said: python listen.py https://chat.example.org token.txt (a refresh token; the next one is left there)."""

import asyncio
import json
import sys
from pathlib import Path
from urllib.request import urlopen

from websockets.asyncio.client import ClientConnection, connect

site, keeper = sys.argv[1], Path(sys.argv[2])


def access_token() -> str:
    body = json.dumps({"refresh_token": keeper.read_text().strip()}).encode()
    tokens = json.loads(urlopen(f"{site}/api/token/refresh/", body).read())
    keeper.write_text(tokens["refresh_token"])
    return str(tokens["access_token"])


async def stay(socket: ClientConnection) -> None:
    while await asyncio.sleep(25, True):
        await socket.send(json.dumps({"cmd": "ping"}))


async def listen(socket: ClientConnection) -> None:
    for place in json.loads(await socket.recv())["conversations"][:50]:
        await socket.send(json.dumps({"cmd": "conversation.open", "conversation": place["id"], "version": None}))
    while frame := json.loads(await socket.recv()):
        if frame.get("event") == "message.created" and frame["message"]["sender"]:
            print(frame["message"]["sender"]["display_name"], frame["message"]["content"], sep=": ", flush=True)


async def main() -> None:
    async with connect(f"ws{site[4:]}/ws/", additional_headers={"Authorization": f"Bearer {access_token()}"}) as socket:
        await asyncio.gather(listen(socket), stay(socket))


asyncio.run(main())
