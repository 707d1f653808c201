"""The change log is forgotten after a time, and says from where it is complete."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions import upkeep
from chat.models import Change, Conversation
from chat.reading import changes_since
from chatter.ops.dbcheck import find_violations
from tests.cast import Cast, say


def test_old_changes_go_in_chunks_and_the_floor_follows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "CHUNK", 3)
    for number in range(10):
        say(cast.alice, cast.group, str(number))
        say(cast.bob, cast.lobby, str(number))
    old = timezone.now() - timedelta(days=91)
    Change.objects.filter(conversation=cast.group, version__lte=6).update(created_at=old)
    Change.objects.filter(conversation=cast.lobby, version__lte=5).update(created_at=old)

    assert upkeep.prune_changes() == 11
    assert upkeep.prune_changes() == 0
    floors = dict(Conversation.objects.values_list("kind", "floor_version"))
    assert (floors["group"], floors["lobby"], floors["direct"]) == (6, 5, 0)
    assert changes_since(cast.bob.pk, cast.group.pk, 5).reply["reset"]
    assert not changes_since(cast.bob.pk, cast.group.pk, 6).reply["reset"]
    assert [finding.name for finding in find_violations() if finding.broken] == []
