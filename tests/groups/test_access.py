"""One row decides: the rows of channels equal the derivation, and the derivation equals a slow one written from its words."""

import pytest

from chat.models import Conversation, Membership
from chatter.ops.dbcheck import INVARIANTS, check
from groups import access
from groups.access import Scope, sync_access
from groups.models import Group
from groups.permissions import ALL, IN_CHANNELS, NEEDS_SEND
from tests.groups import slow
from tests.groups.walk import Walk

pytestmark = pytest.mark.django_db

SEEDS, STEPS, COMPARED_EVERY = 8, 500, 50
[DERIVED] = [each for each in INVARIANTS if each.name == "rows of channels are what roles and overrides derive"]


def counted(group: Group) -> bool:
    return all(
        place.member_count == Membership.objects.active().filter(conversation=place).count()
        for place in Conversation.objects.filter(channel__group=group)
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_a_random_walk_every_row_equals_the_derivation(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four thousand changes in all, a few of them at a time; half of the walks as the worker does it, a few rows a chunk."""
    monkeypatch.setattr(access, "ROWS_PER_CHUNK", 7)
    walk = Walk(seed)
    for number in range(STEPS):
        walk.step()
        if walk.random.random() < 0.2:
            walk.sync(by_worker=seed % 2 == 1)
        if number % COMPARED_EVERY == 0:
            walk.sync()
            assert walk.stored() == walk.rows
    walk.sync()
    assert walk.stored() == walk.rows
    assert counted(walk.group)
    assert check(DERIVED).samples == []
    assert sync_access(Scope(group=walk.group.pk)) == []


def test_the_words_name_the_bits_of_the_code() -> None:
    assert slow.EVERYTHING == ALL
    assert slow.ASKED_IN_CHANNELS == IN_CHANNELS
    assert slow.NEED_SEND == NEEDS_SEND
