"""A forum's life when several things happen to it at once, and its end in steps."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from chatter.core.errors import Refused
from chatter.ops.dbcheck import find_violations
from forums import tasks
from forums.actions.coming import join_forum, leave_forum
from forums.actions.comments import create_comment
from forums.actions.ending import request_forum_deletion, restore_forum, transfer_forum
from forums.actions.forum import create_forum, edit_forum, move_forum
from forums.actions.votes import vote_on_post
from forums.models import Comment, FormerSlug, Forum, Member, Post
from tests.cast import Cast, make_cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum

type Deed = Callable[[], object]


def at_once(deeds: Sequence[Deed]) -> list[Exception]:
    """Run them together; returns what went wrong, refusals included."""
    together = threading.Barrier(len(deeds))
    failures: list[Exception] = []

    def run(deed: Deed) -> None:
        try:
            together.wait()
            deed()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def broken() -> list[str]:
    return [finding.name for finding in find_violations() if finding.broken]


@pytest.mark.django_db(transaction=True)
def test_who_comes_and_goes_at_once_is_counted() -> None:
    cast = make_cast()
    key = make_forum(cast).forum.pk
    people = [make_person() for _number in range(4)]
    deeds: list[Deed] = [partial(join_forum, person=person, forum_id=key) for person in people * 2]
    deeds += [partial(leave_forum, person=cast.bob, forum_id=key)] * 2
    deeds.append(partial(edit_forum, actor=cast.alice, forum_id=key, name="Charts"))
    assert at_once(deeds) == []
    assert Forum.objects.get().member_count == Member.objects.count() == 7
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_an_address_is_taken_once_whoever_asks_for_it() -> None:
    cast = make_cast()
    key = make_forum(cast).forum.pk
    deeds: list[Deed] = [partial(create_forum, owner=cast.bob, name="Other", slug="atlas") for _number in range(2)]
    deeds += [
        partial(create_forum, owner=cast.charlie, name="Mine", slug="maps"),
        partial(move_forum, actor=cast.alice, forum_id=key, slug="atlas"),
    ]
    failures = at_once(deeds)
    assert len(failures) in {2, 3} and all(isinstance(failure, Refused) for failure in failures)
    held = [*Forum.objects.values_list("slug", flat=True), *FormerSlug.objects.values_list("slug", flat=True)]
    assert len(held) == len(set(held)) and {"maps", "atlas"} == set(held)


@pytest.mark.django_db(transaction=True)
def test_an_owner_who_hands_over_twice_has_one_heir() -> None:
    cast = make_cast()
    key = make_forum(cast).forum.pk
    deeds: list[Deed] = [
        partial(transfer_forum, actor=cast.alice, forum_id=key, person_id=heir.pk, name="Maps")
        for heir in (cast.bob, cast.mod)
    ]
    failures = at_once(deeds)
    assert [type(failure) for failure in failures] == [Refused]
    assert Forum.objects.get().owner in {cast.bob, cast.mod}


def _end(cast: Cast, place: Place) -> Forum:
    request_forum_deletion(actor=cast.alice, forum_id=place.forum.pk, name="Maps")
    Forum.objects.update(deletion_due_at=timezone.now() - timedelta(seconds=1))
    return Forum.objects.get()


@pytest.mark.django_db
def test_what_is_due_goes_in_whole_steps(cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="first")
    create_comment(author=cast.mod, post_id=maps.post.pk, content="second", parent_id=first.pk)
    vote_on_post(person=cast.mod, post_id=maps.post.pk, value=1)
    other = make_forum(cast, slug="other")
    request_forum_deletion(actor=cast.alice, forum_id=maps.forum.pk, name="Maps")
    assert tasks.purge_due() == 0, "not before its time"
    Forum.objects.filter(pk=maps.forum.pk).update(deletion_due_at=timezone.now())
    monkeypatch.setattr(tasks, "STEPS_PER_ROUND", 1)
    rounds = 0
    while Forum.objects.filter(pk=maps.forum.pk).exists():
        tasks.purge_due()
        rounds += 1
        assert broken() == []
        assert rounds < 9
    assert rounds > 1
    assert (Post.objects.count(), Comment.objects.count(), Forum.objects.get()) == (1, 0, other.forum)
    assert AuditEntry.objects.filter(action="forum.deleted").count() == 1


@pytest.mark.django_db
def test_a_chain_of_any_depth_goes(cast: Cast, maps: Place) -> None:
    parent = create_comment(author=cast.bob, post_id=maps.post.pk, content="0")
    rows = [
        Comment(post=maps.post, number=number, author=cast.bob, content="x", depth=number - 1, parent=parent)
        for number in range(2, 1500)
    ]
    Comment.objects.bulk_create(rows)
    made = list(Comment.objects.order_by("number"))
    for above, below in pairwise(made):
        below.parent = above
    Comment.objects.bulk_update(made[1:], ["parent"])
    tasks.purge_forum(_end(cast, maps))
    assert not Comment.objects.exists() and not Forum.objects.exists()


@pytest.mark.django_db
def test_what_was_taken_back_is_whole(cast: Cast, maps: Place) -> None:
    request_forum_deletion(actor=cast.alice, forum_id=maps.forum.pk, name="Maps")
    restore_forum(actor=cast.alice, forum_id=maps.forum.pk)
    assert tasks.purge_due() == 0
    assert maps.standing(cast.bob).member is not None and Post.objects.count() == 1
