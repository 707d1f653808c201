"""A process that dies between commit and publish of a kick: the kicked still hears not one word more."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.client import Refusal
from tests import session
from tests.fault.people import Line, Reader, Talker
from tests.fault.stage import Stage
from tests.servers import WebProcess

KICK = """
import os, signal, sys, uuid
import django
django.setup()
from chat.actions import membership

def die(*_events):
    os.kill(os.getpid(), signal.SIGKILL)

from django.db import transaction
owner, place, person = map(uuid.UUID, sys.argv[1:])
# Runs after commit, before the first event is handed on.
membership.publish = lambda *events: transaction.on_commit(die)
membership.remove_member(actor=owner, conversation_id=place, person_id=person)
"""


def kick_and_die(room: Stage, person: str, redis_url: str) -> None:
    """Remove `person` in a process that is killed as soon as that is committed."""
    process = subprocess.run(
        [sys.executable, "-c", KICK, room.people[0], room.place, person],
        cwd=session.PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "chatter.settings", "REDIS_URL": redis_url},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("bus", ["valkey", "postgres"])
@pytest.mark.parametrize("noise", [True, False], ids=["somebody speaks", "nobody speaks"])
async def test_the_kicked_hears_nothing_more(
    request: pytest.FixtureRequest, stage: Callable[[int], Stage], web: Callable[..., WebProcess], bus: str, noise: bool
) -> None:
    redis_url = request.getfixturevalue("valkey").url if bus == "valkey" else ""
    room = stage(3)
    # Where somebody speaks the next event already carries the news; in silence the repair must find out.
    server = web(redis_url=redis_url, env={"CHATTER_REPAIR_SECONDS": "600" if noise else "1"})
    kicked, witness = (Reader(Line(server, cookie), room.place) for cookie in room.cookies[1:])
    owner = Talker(Line(server, room.cookies[0]), room.place, "Owner", 20)
    async with asyncio.timeout(100):
        await asyncio.gather(kicked.start(), witness.start())
        await asyncio.to_thread(kick_and_die, room, room.people[1], redis_url)
        if noise:
            await owner.talk()
        await asyncio.wait_for(kicked.removed.wait(), 15)
        if not noise:
            await owner.talk()
        await witness.until(lambda: sum("Owner" in text for text in witness.texts()) == 20)
        assert "message.created" not in kicked.names
        assert kicked.names[-1] == "membership.removed" and kicked.names.count("membership.removed") == 1
        with pytest.raises(Refusal, match="not_found"):
            await kicked.line.ask("conversation.open", conversation=room.place, version=None)
        with pytest.raises(Refusal, match="not_found"):
            await kicked.line.ask(
                "message.send", conversation=room.place, client_id="0" * 8 + "-0000-4000-8000-" + "0" * 12, content="I?"
            )
        await asyncio.gather(kicked.stop(), witness.stop(), owner.line.close())
