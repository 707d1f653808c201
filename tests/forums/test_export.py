"""What forums have of a person, in their export: their own, and nothing that is others'."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.export import archive_into
from accounts.models import User
from forums.actions.bans import ban_person
from forums.actions.comments import create_comment, edit_comment
from forums.actions.following import follow_person, follow_post
from forums.actions.polls import cast_ballot
from forums.actions.posts import PollWish, create_post
from forums.actions.posts_change import delete_post
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.albums import POSTS
from forums.export import collect
from forums.models import Draft, FeedKey, Forum, Invitation, JoinRequest, Note, PollOption, Post, PostImage, Saved
from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def exported(person: User) -> dict[str, Any]:
    out = io.BytesIO()
    with archive_into(out) as archive:
        collect(person, archive)
    with zipfile.ZipFile(out) as file:
        assert file.testzip() is None
        return {
            name: json.loads(file.read(name)) if name.endswith(".json") else file.read(name) for name in file.namelist()
        }


def test_everything_of_mine_and_nothing_of_others(cast: Cast, maps: Place) -> None:
    bob, forum = cast.bob, maps.forum
    poll = create_post(
        author=bob,
        forum_id=forum.pk,
        title="Which?",
        kind=Post.Kind.POLL,
        poll=PollWish(options=["Red", "Blue"]),
    )
    theirs = create_post(
        author=cast.alice,
        forum_id=forum.pk,
        title="Secret of Alice",
        kind=Post.Kind.POLL,
        poll=PollWish(options=["Hers", "Theirs"]),
    )
    said = create_comment(author=bob, post_id=theirs.pk, content="My first words")
    edit_comment(editor=bob, comment_id=said.pk, content="My words")
    other = create_comment(author=cast.alice, post_id=poll.pk, content="Words of Alice")
    vote_on_post(person=bob, post_id=theirs.pk, value=-1)
    vote_on_comment(person=bob, comment_id=other.pk, value=1)
    chosen = PollOption.objects.get(poll__post=theirs, position=1)
    cast_ballot(person=bob, post_id=theirs.pk, options=[chosen.pk])
    Draft.objects.create(author=bob, title="Not yet", content="Draft words")
    Saved.objects.create(post=theirs, user=bob)
    follow_person(follower=bob, person=cast.alice, on=True)
    follow_post(person=bob, post_id=theirs.pk, on=True)
    FeedKey.objects.create(user=bob, digest=b"\x07" * 32)
    Note.objects.create(forum=forum, user=bob, author=cast.mod, text="Words of Mod")
    JoinRequest.objects.create(forum=forum, user=bob, text="Let me in")
    Invitation.objects.create(forum=forum, user=cast.charlie, inviter=bob)
    delete_post(author=bob, post_id=maps.post.pk)
    found = exported(bob)

    [mine] = found["forums.json"]
    assert (mine["slug"], mine["owner"], mine["rights"], mine["subscribed"]) == ("maps", False, [], True)
    gone, asked = found["posts.json"]
    assert (gone["title"], gone["said_before"][0]["title"]) == ("", "Fountains of the city")
    assert [option["text"] for option in asked["options"]] == ["Red", "Blue"]
    [comment] = found["comments.json"]
    assert (comment["content"], comment["post_number"], comment["forum_slug"]) == ("My words", theirs.number, "maps")
    assert comment["said_before"][0]["content"] == "My first words"
    votes = {(row["post_number"], row.get("comment_number"), row["value"]) for row in found["votes.json"]}
    assert votes == {
        (1, None, 1),
        (poll.number, None, 1),
        (theirs.number, None, -1),
        (theirs.number, 1, 1),
        (poll.number, 1, 1),
    }
    [ballot] = found["ballots.json"]
    assert (ballot["post_number"], ballot["choice"], ballot["words"]) == (theirs.number, chosen.position, "Theirs")
    assert found["post_drafts.json"][0]["content"] == "Draft words"
    assert found["saved_posts.json"][0]["post_number"] == theirs.number
    follows = found["following.json"]
    assert [row["username"] for row in follows["people"]] == ["alice"]
    assert (follows["posts"][0]["post_number"], bool(follows["feed_key_made_at"])) == (theirs.number, True)
    doors = found["forum_doors.json"]
    assert (doors["requests"][0]["text"], doors["invited"][0]["user__username"]) == ("Let me in", "charlie")
    everything = json.dumps({name: value for name, value in found.items() if name.endswith(".json")})
    for words in ("Secret of Alice", "Words of Alice", "Words of Mod", "07070707"):
        assert words not in everything


def test_of_a_forum_that_keeps_one_out_is_said_what_one_knew(cast: Cast, maps: Place) -> None:
    Forum.objects.update(is_public=False)
    theirs = create_post(
        author=cast.alice,
        forum_id=maps.forum.pk,
        title="Which?",
        kind=Post.Kind.POLL,
        poll=PollWish(options=["A", "B"]),
    )
    cast_ballot(person=cast.bob, post_id=theirs.pk, options=[PollOption.objects.filter(poll__post=theirs)[0].pk])
    ban_person(moderator=cast.alice, forum_id=maps.forum.pk, person_id=cast.bob.pk, reason="Loud", note="Watch out")
    found = exported(cast.bob)
    assert found["forums.json"] == []
    [ban] = found["forum_doors.json"]["bans"]
    assert (ban["forum"], ban["reason"]) == ("Maps", "Loud")
    assert found["ballots.json"][0]["words"] == ""
    assert "Watch out" not in json.dumps(found)
    assert exported(cast.charlie)["posts.json"] == []


def test_pictures_of_posts_are_in_it(cast: Cast, maps: Place) -> None:
    key = "ab" * 16
    PostImage.objects.create(post=maps.post, position=0, key=key, width=1, height=1, alt="A well")
    default_storage.save(POSTS.name_of(key, POSTS.every_size[-1]), ContentFile(b"picture"))
    found = exported(cast.bob)
    assert found[f"files/posts/{key}.webp"] == b"picture"
    assert found["posts.json"][0]["images"] == [{"key": key, "alt": "A well"}]


def test_nothing_is_left_out_where_much_was_said(cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forums.export.CHUNK", 2)
    for number in range(5):
        create_comment(author=cast.bob, post_id=maps.post.pk, content=f"Number {number}")
    found = exported(cast.bob)
    assert [row["content"] for row in found["comments.json"]] == [f"Number {number}" for number in range(5)]
    assert len(found["votes.json"]) == 6
