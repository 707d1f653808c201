"""Refusals are for people: they speak the language of the person's pages."""

from typing import Any
from uuid import uuid4

from chatter.core.realtime import run_db
from tests.cast import Cast
from tests.live.conftest import Join
from tests.servers import Address, SignedIn

UNKNOWN = "Das gibt es nicht, oder du darfst es nicht sehen."


async def test_refusals_speak_the_language_of_the_page(
    server: Address, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    session = await run_db(signed_in.header, cast.alice)
    german = await join(server, cast.alice, cookie=f"{session}; django_language=de")
    english = await join(server, cast.alice, cookie=session)
    nowhere = str(uuid4())
    commands: dict[str, dict[str, Any]] = {
        "conversation.open": {"version": None},
        "message.send": {"client_id": str(uuid4()), "content": "Hello"},
        "typing": {},
    }
    for cmd, fields in commands.items():
        refused = await german.ask(cmd, conversation=nowhere, **fields)
        assert refused["error"]["message"] == UNKNOWN, cmd
        refused = await english.ask(cmd, conversation=nowhere, **fields)
        assert refused["error"]["message"] == "This does not exist, or you may not see it.", cmd


async def test_an_unknown_language_is_english(server: Address, cast: Cast, join: Join, signed_in: SignedIn) -> None:
    session = await run_db(signed_in.header, cast.bob)
    bob = await join(server, cast.bob, cookie=f"{session}; django_language=../../tlh")
    refused = await bob.ask("typing", conversation=str(uuid4()))
    assert refused["error"]["message"] == "This does not exist, or you may not see it."
