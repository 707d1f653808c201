"""Posts of every kind: made once, judged under the lock, changed and deleted by who wrote them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.actions.drafts import DRAFTS_MAX, delete_draft, save_draft
from forums.actions.posts import CONTENT_MAX, Picture, create_post
from forums.actions.posts_change import delete_post, edit_post
from forums.actions.uploads import WAITING_MAX, add_upload, remove_upload, tidy_uploads
from forums.addresses import PAGES, post_url, title_slug
from forums.models import Ban, Draft, Flair, Forum, Post, PostImage, PostVote, Revision, Upload
from forums.urls import urlpatterns
from tests.cast import Cast
from tests.forums.cast import Place, make_forum
from tests.forums.counting import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(width: int = 60, height: int = 40) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def new(place: Place, author: User, **more: Any) -> Post:
    return create_post(author=author, forum_id=place.forum.pk, **{"title": "Wells", **more})


def again(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


# making


def test_a_post_has_its_number_and_its_authors_vote(cast: Cast, maps: Place) -> None:
    post = again(new(maps, cast.charlie, title="  Wells\u200b of \n the city ", content="**Nine**", is_spoiler=True))
    assert (post.number, post.title, post.score, post.up_count) == (2, "Wells of the city", 1, 1)
    assert (post.html, post.excerpt, post.is_spoiler) == ('<p dir="auto"><strong>Nine</strong></p>', "Nine", True)
    assert PostVote.objects.get(post=post).user_id == cast.charlie.pk
    forum = Forum.objects.get(pk=maps.forum.pk)
    assert (forum.last_number, forum.post_count) == (2, 2)


def test_the_same_form_sent_twice_makes_one_post(cast: Cast, maps: Place) -> None:
    key = uuid4()
    first, second = (new(maps, cast.bob, title=title, client_id=key) for title in ("Wells", "Wells again"))
    assert first.pk == second.pk
    assert new(maps, cast.charlie, client_id=key).pk != first.pk
    assert Forum.objects.get(pk=maps.forum.pk).post_count == 3


@pytest.mark.parametrize("title", ["", "  ", "\u200b\u2060", "\u3164", "\x00"])
def test_a_title_says_something(cast: Cast, maps: Place, title: str) -> None:
    with refuses("invalid"):
        new(maps, cast.bob, title=title)


def test_nothing_is_endless(cast: Cast, maps: Place) -> None:
    assert new(maps, cast.bob, title="x" * 300, content="y" * CONTENT_MAX)
    with refuses("too_long"):
        new(maps, cast.bob, title="x" * 301)
    with refuses("too_long"):
        new(maps, cast.bob, content="y" * (CONTENT_MAX + 1))
    for text in ("\x00", "\ud800"):
        with refuses("invalid"):
            new(maps, cast.bob, content=text)


def test_who_may_not_post_does_not(cast: Cast, maps: Place) -> None:
    Ban.objects.create(forum=maps.forum, user=cast.bob, actor=cast.alice, reason="x")
    with pytest.raises(Refused, match="banned"):
        new(maps, cast.bob)
    Forum.objects.filter(pk=maps.forum.pk).update(posting="members")
    with refuses("forbidden"):
        new(maps, cast.charlie)
    Forum.objects.filter(pk=maps.forum.pk).update(posting="moderators")
    with refuses("forbidden"):
        new(maps, cast.mallory)
    assert new(maps, cast.mod)
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    with pytest.raises(NotFound):
        new(maps, cast.charlie)
    with pytest.raises(NotFound):
        create_post(author=cast.bob, forum_id=uuid4(), title="Nowhere")


def test_kinds_that_a_forum_does_not_take(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(kinds_off=["link", "poll"])
    with refuses("forbidden"):
        new(maps, cast.bob, kind="link", url="https://example.org/")
    with refuses("invalid"):
        new(maps, cast.bob, kind="essay")
    assert new(maps, cast.bob, kind="text")


def test_what_waits_for_approval_is_not_counted(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="posts")
    post = new(maps, cast.charlie)
    assert post.held_at is not None
    forum = Forum.objects.get(pk=maps.forum.pk)
    assert (forum.post_count, forum.last_number) == (1, 2)


def test_flairs_are_given_by_who_may(cast: Cast, maps: Place) -> None:
    plain = Flair.objects.create(forum=maps.forum, name="Report")
    official = Flair.objects.create(forum=maps.forum, name="Official", is_for_moderators=True)
    of_people = Flair.objects.create(forum=maps.forum, name="Cartographer", kind="member")
    elsewhere = Flair.objects.create(forum=make_forum(cast, slug="other").forum, name="Other")
    assert new(maps, cast.bob, flair_id=plain.pk).flair == plain
    assert new(maps, cast.mod, flair_id=official.pk).flair == official
    for wrong in (official.pk, of_people.pk, elsewhere.pk, uuid4()):
        with refuses("invalid"):
            new(maps, cast.bob, flair_id=wrong)
    Forum.objects.filter(pk=maps.forum.pk).update(needs_flair=True)
    with refuses("invalid"):
        new(maps, cast.bob)
    assert new(maps, cast.bob, flair_id=plain.pk)
    Post.objects.filter(pk=maps.post.pk).update(flair=official)
    for other in (plain.pk, None):
        with refuses("forbidden"):
            edit_post(editor=cast.bob, post_id=maps.post.pk, content="What moderators gave", flair_id=other)
    assert edit_post(editor=cast.bob, post_id=maps.post.pk, content="x", flair_id=official.pk).flair == official


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "file:///etc/passwd",
        ),
        *("https://bob:secret@example.org/", "ftp://example.org/", "//example.org", "https://", "vbscript:x"),
        *(
            "java\tscript:alert(1)",
            "https://exa mple.org/",
            "blob:https://example.org/x",
            "https://example.org/" + "x" * 2000,
        ),
    ],
)
def test_links_lead_to_pages_only(cast: Cast, maps: Place, url: str) -> None:
    with refuses("invalid"):
        new(maps, cast.bob, kind="link", url=url)


def test_names_of_hosts_cannot_be_mistaken(cast: Cast, maps: Place) -> None:
    """\u0430pple.com begins with a Cyrillic letter."""
    post = new(maps, cast.bob, kind="link", url="https://\u0430pple.com/Stra\u00dfe")
    assert post.url.startswith("https://xn--pple-43d.com/")
    assert post.url.isascii()
    assert new(maps, cast.bob, kind="text", url="javascript:alert(1)").url == ""


# pictures


def test_uploads_become_the_posts_pictures(cast: Cast, maps: Place, folder: Path) -> None:
    one, two = (add_upload(author=cast.bob, upload=picture(width)) for width in (60, 50))
    images = [Picture(two.pk, " The  second "), Picture(one.pk)]
    post = new(maps, cast.bob, kind="image", images=images)
    kept = PostImage.objects.filter(post=post).order_by("position")
    assert [(each.key, each.width, each.alt) for each in kept] == [(two.key, 50, "The second"), (one.key, 60, "")]
    assert not Upload.objects.exists()
    with refuses("invalid"):
        new(maps, cast.bob, kind="image", images=[Picture(one.pk)])


def test_nobody_takes_anothers_picture(cast: Cast, maps: Place, folder: Path) -> None:
    upload = add_upload(author=cast.bob, upload=picture())
    with refuses("invalid"):
        new(maps, cast.charlie, kind="image", images=[Picture(upload.pk)])
    remove_upload(author=cast.charlie, upload_id=upload.pk)
    assert Upload.objects.filter(pk=upload.pk).exists()
    assert not Post.objects.filter(author=cast.charlie).exists()


def test_a_post_of_pictures_has_one_to_ten(cast: Cast, maps: Place, folder: Path) -> None:
    key = add_upload(author=cast.bob, upload=picture()).pk
    for images in ([], [Picture(key)] * 11, [Picture(key), Picture(key)]):
        with refuses("invalid"):
            new(maps, cast.bob, kind="image", images=images)
    with refuses("too_long"):
        new(maps, cast.bob, kind="image", images=[Picture(key, "x" * 501)])


def test_pictures_that_wait_are_bounded_and_tidied(cast: Cast, maps: Place, folder: Path) -> None:
    upload = add_upload(author=cast.bob, upload=picture())
    Upload.objects.bulk_create(
        Upload(author=cast.bob, key=f"{number:032x}", width=1, height=1) for number in range(WAITING_MAX - 1)
    )
    with refuses("forbidden"):
        add_upload(author=cast.bob, upload=picture())
    with refuses("invalid"):
        add_upload(author=cast.charlie, upload=b"<svg onload=alert(1)>")
    Upload.objects.update(created_at=timezone.now() - timedelta(days=2))
    tidy_uploads()
    assert not Upload.objects.exists()
    assert upload.key not in {each.key for each in PostImage.objects.all()}


# changing


def test_authors_change_what_they_say(cast: Cast, maps: Place) -> None:
    edit_post(editor=cast.bob, post_id=maps.post.pk, title="Wells", content="*Twelve*", is_nsfw=True)
    post = again(maps.post)
    assert (post.title, post.content, post.is_nsfw) == ("Wells", "*Twelve*", True)
    assert post.edited_at is not None
    assert "<em>Twelve</em>" in post.html
    assert [each.content for each in Revision.objects.filter(post=post)] == ["All **eleven** of them."]


def test_the_same_again_changes_nothing(cast: Cast, maps: Place) -> None:
    for _time in range(2):
        edit_post(editor=cast.bob, post_id=maps.post.pk, content=maps.post.content)
    assert again(maps.post).edited_at is None
    assert not Revision.objects.exists()


def test_a_title_stays_after_a_day(cast: Cast, maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(created_at=timezone.now() - timedelta(hours=25))
    with refuses("forbidden"):
        edit_post(editor=cast.bob, post_id=maps.post.pk, title="Wells", content="x")
    edit_post(editor=cast.bob, post_id=maps.post.pk, title=maps.post.title, content="x")
    assert again(maps.post).content == "x"


def test_others_change_and_delete_nothing(cast: Cast, maps: Place) -> None:
    for person in (cast.charlie, cast.mod, cast.alice):
        with refuses("forbidden"):
            edit_post(editor=person, post_id=maps.post.pk, content="x")
        with refuses("forbidden"):
            delete_post(author=person, post_id=maps.post.pk)
    assert again(maps.post).content == "All **eleven** of them."


@pytest.mark.parametrize("mark", ["locked_at", "removed_at"])
def test_what_is_locked_or_removed_is_not_changed(cast: Cast, maps: Place, mark: str) -> None:
    Post.objects.filter(pk=maps.post.pk).update(**{mark: timezone.now()})
    with refuses("locked"):
        edit_post(editor=cast.bob, post_id=maps.post.pk, content="x")


def test_the_banned_change_nothing_and_may_take_their_words_back(cast: Cast, maps: Place) -> None:
    Ban.objects.create(forum=maps.forum, user=cast.bob, actor=cast.alice, reason="x")
    with refuses("forbidden"):
        edit_post(editor=cast.bob, post_id=maps.post.pk, content="x")
    delete_post(author=cast.bob, post_id=maps.post.pk)
    assert again(maps.post).deleted_at is not None


def test_changes_wait_where_posts_do(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="posts")
    edit_post(editor=cast.bob, post_id=maps.post.pk, content=maps.post.content, is_spoiler=True)
    assert again(maps.post).held_at is None
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="Buy watches")
    assert again(maps.post).held_at is not None
    assert Forum.objects.get(pk=maps.forum.pk).post_count == 0


def test_the_words_for_pictures_change(cast: Cast, maps: Place, folder: Path) -> None:
    upload = add_upload(author=cast.bob, upload=picture())
    post = new(maps, cast.bob, kind="image", images=[Picture(upload.pk, "A sheet")])
    image = PostImage.objects.get(post=post)
    other = PostImage.objects.create(post=maps.post, position=0, key="0" * 32, width=1, height=1)
    edit_post(editor=cast.bob, post_id=post.pk, content="", alts={image.pk: "A red sheet", other.pk: "x"})
    assert [each.alt for each in PostImage.objects.order_by("width")] == ["", "A red sheet"]


# deleting


def test_a_deleted_post_leaves_a_tombstone(
    cast: Cast, maps: Place, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = add_upload(author=cast.bob, upload=picture())
    post = new(maps, cast.bob, kind="image", images=[Picture(upload.pk)], content="Found")
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            delete_post(author=cast.bob, post_id=post.pk)
    post = again(post)
    assert (post.title, post.content, post.html, post.excerpt) == ("", "", "", "")
    assert post.deleted_at is not None
    assert not PostImage.objects.exists()
    assert not list(folder.rglob("*.webp"))
    assert Forum.objects.get(pk=maps.forum.pk).post_count == 1
    assert [each.kind for each in Revision.objects.filter(post=post)] == ["deleted"]
    with refuses("locked"):
        edit_post(editor=cast.bob, post_id=post.pk, content="x")


# once more elsewhere


def test_a_post_once_more_elsewhere(cast: Cast, maps: Place) -> None:
    other = make_forum(cast, slug="other")
    first = new(other, cast.charlie, cross_of=maps.post.pk, content="Look")
    again_and_again = new(other, cast.bob, cross_of=first.pk)
    assert first.cross_of_id == again_and_again.cross_of_id == maps.post.pk
    assert first.kind == "text"


def test_what_is_private_or_gone_is_not_posted_elsewhere(cast: Cast, maps: Place) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    with refuses("forbidden"):
        new(maps, cast.bob, cross_of=hidden.post.pk)
    for unknown in (hidden.post.pk, uuid4()):
        with pytest.raises(NotFound):
            new(maps, cast.charlie, cross_of=unknown)
    Forum.objects.filter(pk=maps.forum.pk).update(kinds_off=["link"])
    link = new(make_forum(cast, slug="links"), cast.bob, kind="link", url="https://example.org/")
    with refuses("forbidden"):
        new(maps, cast.bob, cross_of=link.pk)
    delete_post(author=cast.bob, post_id=link.pk)
    with refuses("locked"):
        new(make_forum(cast, slug="third"), cast.bob, cross_of=link.pk)


# drafts


def draft_of(author: User, key: UUID | None = None, **more: Any) -> Draft:
    return save_draft(author=author, draft_id=key or uuid4(), forum_id=None, **more)


def test_a_draft_is_kept_until_it_is_posted(cast: Cast, maps: Place) -> None:
    draft = draft_of(cast.bob, title="W")
    draft_of(cast.bob, draft.pk, title="Wells")
    assert [each.title for each in Draft.objects.all()] == ["Wells"]
    with pytest.raises(NotFound):
        draft_of(cast.charlie, draft.pk, title="x")
    delete_draft(author=cast.charlie, draft_id=draft.pk)
    new(maps, cast.charlie, draft_id=draft.pk)
    assert Draft.objects.exists()
    new(maps, cast.bob, draft_id=draft.pk)
    assert not Draft.objects.exists()


def test_drafts_are_counted(cast: Cast) -> None:
    Draft.objects.bulk_create(Draft(author=cast.bob) for _number in range(DRAFTS_MAX))
    with refuses("forbidden"):
        draft_of(cast.bob)
    assert draft_of(cast.bob, Draft.objects.filter(author=cast.bob).first().pk, title="x")  # type: ignore[union-attr]
    assert draft_of(cast.charlie)


# addresses


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Wells of the city!", "wells-of-the-city"),
        ("Brunnen für Zürich", "brunnen-für-zürich"),
        ("آبار المدينة", "آبار-المدينة"),
        ("!!!", "-"),
        ("", "-"),
        ("Edit", "edit-"),
        ("a/b?c#d", "a-b-c-d"),
        ("../../etc", "etc"),
        ("<script>", "script"),
        ("x" * 100, "x" * 60),
    ],
)
def test_titles_in_addresses(title: str, slug: str) -> None:
    assert title_slug(title) == slug
    assert post_url("maps", 1, title).startswith("/f/maps/1/")


def test_no_title_is_the_name_of_a_page() -> None:
    """Whatever lies beside the title in a post's address has to stand in PAGES."""
    beside = set()
    for module in urlpatterns:
        for entry in module.url_patterns:  # type: ignore[union-attr]
            route = str(entry.pattern)
            if route.startswith("f/<str:slug>/<int:number>/"):
                beside.add(route.split("/")[3])
    assert {name for name in beside if name and "<" not in name} <= PAGES


# at once


@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_once_make_one_post(cast: Cast, maps: Place) -> None:
    key = uuid4()

    def send(_number: int) -> UUID:
        try:
            return new(maps, cast.bob, client_id=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    forum = Forum.objects.get(pk=maps.forum.pk)
    assert (forum.last_number, forum.post_count) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_posts_at_once_have_numbers_of_their_own(cast: Cast, maps: Place) -> None:
    def send(person: User) -> int:
        try:
            return new(maps, person).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, [cast.alice, cast.bob, cast.charlie, cast.mod])) == [2, 3, 4, 5]
    assert Forum.objects.get(pk=maps.forum.pk).post_count == 5
