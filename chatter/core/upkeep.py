"""What a hub does by the clock: close silent sockets, and repair what lost pushes left behind.

A push is a hint, the database is the truth.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings

from chatter.core.events import ConversationChanged

if TYPE_CHECKING:
    from chatter.core.hub import Hub
    from chatter.core.rooms import Credential, Room, Socket

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
# A version the database has and no push brought may still be on its way for so long.
GRACE_SECONDS = 1.0
ROOMS_AT_ONCE = 5000
SILENT = 4408


class Upkeep:
    """The two clocks of one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.repair_everything = False
        self.wake = asyncio.Event()

    def start(self) -> None:
        self.hub.spawn(self.sweep_forever())
        self.hub.spawn(self.repair_forever())

    def repair_soon(self) -> None:
        """Pushes may have been lost: compare everything now, closed conversations too."""
        self.repair_everything = True
        self.wake.set()

    async def sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, settings.CHATTER_SOCKET_SILENCE / 4))
            self.sweep()

    def sweep(self) -> None:
        before = time.monotonic() - settings.CHATTER_SOCKET_SILENCE
        for socket in list(self.hub.sockets):
            if socket.heard_at < before:
                socket.close(SILENT)
        self.hub.forget_old()

    async def repair_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), settings.CHATTER_REPAIR_SECONDS)
            self.wake.clear()
            everything, self.repair_everything = self.repair_everything, False
            try:
                await self.repair(everything)
            except Exception:
                log.warning("Conversations could not be compared with the database", exc_info=True)
                self.repair_everything = everything

    async def repair(self, everything: bool = False) -> None:
        await self.repair_sessions()
        await self.repair_rooms([room for room in self.hub.rooms.values() if everything or room.sockets])
        await self.hub.topics.compare(everything=everything)
        if everything:
            # One after the other: the pages need the database too.
            for key in list(self.hub.people):
                await asyncio.wait([self.hub.reread_relations(key)])

    async def repair_rooms(self, rooms: list[Room]) -> None:
        """Read the members again where access changed; say the version where it moved and no push said so."""
        behind: dict[Room, tuple[int, int]] = {}
        for start in range(0, len(rooms), ROOMS_AT_ONCE):
            behind |= await self.compare(rooms[start : start + ROOMS_AT_ONCE])
        if behind:
            await asyncio.sleep(GRACE_SECONDS)
        for room, (version, access_version) in behind.items():
            if room.version < version:
                changed = ConversationChanged(conversation=room.id, version=version, access_version=access_version)
                self.hub.accept(changed)

    async def compare(self, rooms: list[Room]) -> dict[Room, tuple[int, int]]:
        found = await self.hub.run_db(self.hub.truth.versions, [room.id for room in rooms])
        for room in rooms:
            if room.id not in found or found[room.id][1] > room.access_version:
                self.hub.reread(room)
        return {room: found[room.id] for room in rooms if room.id in found and found[room.id][0] > room.version}

    async def repair_sessions(self) -> None:
        """Close the sockets whose session ended, whose person was suspended or changed the password."""
        held: dict[Credential, list[Socket]] = {}
        for socket in self.hub.sockets:
            held.setdefault(socket.credential, []).append(socket)
        if not held:
            return
        ended: dict[Credential, int] = await self.hub.run_db(self.hub.truth.ended, list(held))
        for credential, code in ended.items():
            for socket in held[credential]:
                # Its session may have got another key while this was read.
                if socket.credential == credential:
                    socket.close(code)
