"""A ban may take along what somebody wrote: in the background, as deletions like any other, safe to run twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from chat.actions.change import add_reaction, pin_message
from chat.models import Change, Conversation, Mention, Message, MessageRevision, Reaction
from chatter.ops.dbcheck import find_violations
from chatter.ops.worker import Worker
from groups.actions import purging
from groups.actions.moderation import ban_person
from groups.actions.purging import EVER, purge_messages
from groups.models import Purge
from tests.cast import Cast, say
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ban(cast: Cast, atlas: Community, span: timedelta) -> Purge:
    ban_person(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, reason="Spam", purge=span)
    return Purge.objects.get(group=atlas.group)


def work() -> None:
    Worker().run_once()


def standing(cast: Cast) -> list[str]:
    return list(Message.objects.filter(sender=cast.bob, deleted_at=None).values_list("content", flat=True))


def test_what_they_wrote_becomes_tombstones_and_the_rest_stays(cast: Cast, atlas: Community) -> None:
    first = say(cast.bob, atlas.talk, "buy @alice")
    say(cast.bob, cast.group, "elsewhere")
    say(cast.alice, atlas.talk, "hello", reply_to=first.id)
    add_reaction(person=cast.alice, message_id=first.id, emoji="👍")
    pin_message(actor=cast.alice, message_id=first.id)
    last = say(cast.bob, atlas.talk, "buy more")
    ban(cast, atlas, DAY)
    assert len(standing(cast)) == 3, "nobody waits for it"
    work()
    assert standing(cast) == ["elsewhere"]
    stone = Message.objects.get(pk=first.id)
    assert (stone.deleted_by_id, stone.pinned_at, stone.html) == (cast.mod.pk, None, "")
    assert MessageRevision.objects.filter(message=first.id, kind="deleted", content="buy @alice").exists()
    assert not Mention.objects.filter(message=first.id).exists()
    assert not Reaction.objects.filter(message=first.id).exists()
    assert not Notification.objects.filter(source_id__in=[first.id, last.id], recipient=cast.alice).exists()
    assert Conversation.objects.get(pk=atlas.talk.pk).preview == ""
    assert Change.objects.filter(conversation=atlas.talk, kind="deleted").count() == 2
    purge = Purge.objects.get()
    assert (purge.message_count, purge.done_count, purge.finished_at is not None) == (2, 2, True)
    entry = AuditEntry.objects.get(action="group.messages.purged")
    assert (entry.actor_id, entry.target_id, entry.facts["messages"]) == (cast.mod.pk, cast.bob.pk, 2)
    assert [found.name for found in find_violations() if found.broken] == []


def test_only_what_was_written_since_then_goes(cast: Cast, atlas: Community) -> None:
    say(cast.bob, atlas.talk, "new")
    old = say(cast.bob, atlas.talk, "old")
    Message.objects.filter(pk=old.id).update(created_at=timezone.now() - 2 * DAY)
    ban(cast, atlas, DAY)
    work()
    assert standing(cast) == ["old"]


def test_all_of_it_goes(cast: Cast, atlas: Community) -> None:
    old = say(cast.bob, atlas.talk, "old")
    Message.objects.filter(pk=old.id).update(created_at=timezone.now() - 400 * DAY)
    ban(cast, atlas, EVER)
    work()
    assert standing(cast) == []


def test_interrupted_it_goes_on_and_twice_changes_nothing(
    cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        say(cast.bob, atlas.talk, f"buy {number}")
    monkeypatch.setattr(purging, "MESSAGES_AT_ONCE", 2)
    purge = ban(cast, atlas, DAY)
    bury = purging._bury
    chunks: list[object] = []

    def break_off(*given: object) -> None:
        if len(chunks) == 1:
            raise ConnectionError
        chunks.append(given)
        bury(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(purging, "_bury", break_off)
    with pytest.raises(ConnectionError):
        purge_messages.call(str(purge.pk))
    assert len(standing(cast)) == 3
    monkeypatch.setattr(purging, "_bury", bury)
    for _time in range(2):
        purge_messages.call(str(purge.pk))
    purge.refresh_from_db()
    assert (purge.message_count, purge.done_count) == (5, 5)
    assert standing(cast) == []
    assert AuditEntry.objects.filter(action="group.messages.purged").count() == 1


def test_a_group_that_is_gone_ends_it(cast: Cast, atlas: Community) -> None:
    purge = ban(cast, atlas, DAY)
    Purge.objects.all().delete()
    purge_messages.call(str(purge.pk))
    assert not AuditEntry.objects.filter(action="group.messages.purged").exists()


def test_only_where_they_wrote_it_is_looked_for(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    say(cast.bob, atlas.talk, "buy")
    ban(cast, atlas, EVER)
    asked: list[UUID] = []
    written = purging._written

    def looked_for(purge: Purge, place: UUID) -> QuerySet[Message]:
        asked.append(place)
        return written(purge, place)

    monkeypatch.setattr(purging, "_written", looked_for)
    work()
    assert set(asked) == {atlas.talk.pk}
    assert standing(cast) == []
