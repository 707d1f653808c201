"""Search: what it finds and whom it tells, how words are read, and that marks are all the markup there is."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Block, User
from chat.finding import places_called
from forums.actions.comments import create_comment
from forums.actions.forum import create_forum
from forums.actions.posts import create_post
from forums.models import Comment, Forum, Post
from forums.reading import search
from forums.reading.highlight import QUERY_MAX, excerpt, marked, plain_of, wanted
from forums.reading.lists import PAGE
from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits() -> None:
    cache.clear()


def titles(person: User | None, words: str, forum: Forum | None = None) -> list[str]:
    looked_for = wanted(words)
    assert looked_for is not None
    return [card.title for card, _content in search.find_posts(person, looked_for, None, forum).posts]


def said(person: User | None, words: str, forum: Forum | None = None) -> list[str]:
    looked_for = wanted(words)
    assert looked_for is not None
    return [each.content for each in search.find_comments(person, looked_for, None, forum).comments]


def client_of(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


@pytest.mark.parametrize(
    "words",
    [
        "fountains",
        "FOUNTAINS city",
        "fount",
        "eleven",
        "city ele",
        '"of the city"',
        '"of the city" fou',
        "fountains, city!",
    ],
)
def test_titles_and_texts_are_found(maps: Place, words: str) -> None:
    assert titles(None, words, maps.forum) == ["Fountains of the city"]
    assert titles(None, words) == ["Fountains of the city"]


@pytest.mark.parametrize("words", ["fountain s", "wells", '"the of city"', '"fount"', "f", "city wells", "ount"])
def test_other_words_find_nothing(maps: Place, words: str) -> None:
    assert titles(None, words, maps.forum) == []


@pytest.mark.parametrize("words", ["", "  ", '"', '""', "!!! ---", "\0", "' \\ & | ! ( ) :*"])
def test_no_words_look_for_nothing(maps: Place, words: str) -> None:
    assert wanted(words) is None
    assert client_of(None).get("/f/maps/search/", {"q": words}).status_code in (200, 400)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_question(words: str) -> None:
    looked_for = wanted(words)
    if looked_for is not None:
        assert search.find_posts(None, looked_for, None).posts == []
        assert "<" not in marked(words, looked_for.pattern).replace("<mark>", "").replace("</mark>", "")


def test_comments_are_found(maps: Place, cast: Cast) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is **missing** here")
    assert said(None, "missing jul", maps.forum) == ["July is **missing** here"]
    Comment.objects.filter(pk=comment.pk).update(removed_at=timezone.now())
    assert said(cast.mod, "missing", maps.forum) == []


@pytest.mark.parametrize("mark", ["removed_at", "held_at", "deleted_at"])
def test_what_is_gone_or_waits_is_not_found(maps: Place, cast: Cast, mark: str) -> None:
    create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    blank = {"title": "", "content": "", "html": "", "excerpt": ""} if mark == "deleted_at" else {}
    Post.objects.filter(pk=maps.post.pk).update(**{mark: timezone.now()}, **blank)
    for person in (None, cast.bob, cast.mod):
        assert titles(person, "fountains") == []
        assert said(person, "missing") == []


def test_private_forums_are_found_by_their_members_alone(cast: Cast) -> None:
    hidden = create_forum(owner=cast.alice, name="Hidden wells", slug="hidden", is_public=False)
    post = create_post(author=cast.alice, forum_id=hidden.pk, title="Wells for us")
    create_comment(author=cast.alice, post_id=post.pk, content="Deep wells")
    for person in (None, cast.charlie):
        assert titles(person, "wells") == said(person, "wells") == []
        assert client_of(person).get("/f/hidden/search/?q=wells").status_code == 404
    assert titles(cast.alice, "wells") == ["Wells for us"]
    assert said(cast.alice, "wells") == ["Deep wells"]
    assert places_called(cast.charlie, "wells", limit=5) == []
    lines = "".join(places_called(cast.alice, "wells", limit=5))
    assert "Hidden wells" in lines
    assert "Wells for us" in lines


def test_a_forum_is_searched_alone(maps: Place, cast: Cast) -> None:
    other = create_forum(owner=cast.charlie, name="Other", slug="other")
    create_post(author=cast.charlie, forum_id=other.pk, title="Fountains elsewhere")
    assert titles(None, "fountains", maps.forum) == ["Fountains of the city"]
    assert titles(None, "fountains") == ["Fountains elsewhere", "Fountains of the city"]


def test_names_and_titles_are_found_from_anywhere(maps: Place, cast: Cast) -> None:
    assert "/f/maps/" in "".join(places_called(cast.charlie, "map", limit=5))
    lines = "".join(places_called(cast.charlie, "fountains ci", limit=5))
    assert "Fountains of the city" in lines
    # In the text alone is not in the title.
    assert places_called(cast.charlie, "eleven", limit=5) == []


def test_walking_the_finds_shows_each_once(maps: Place, cast: Cast) -> None:
    posts = [
        Post(forum=maps.forum, number=number, author=cast.bob, title=f"Bench {number}", created_at=timezone.now())
        for number in range(2, PAGE + 5)
    ]
    Post.objects.bulk_create(posts)
    client, address, found = client_of(None), "?q=bench", []
    while address:
        html = client.get(f"/f/maps/search/{address}").content.decode()
        found += html.split('<article class="found" id="p-')[1:]
        rest = html.split('class="posts__older"')
        address = rest[1].split('href="')[1].split('"')[0].replace("&amp;", "&") if len(rest) > 1 else ""
    assert len({part[:36] for part in found}) == len(found) == PAGE + 3


def test_marks_are_all_the_markup_there_is(maps: Place, cast: Cast) -> None:
    attack = '<script>alert(1)</script> bench <mark>no</mark> & "bench"'
    post = create_post(author=cast.bob, forum_id=maps.forum.pk, title=attack, content=f"```\n{attack}\n```")
    create_comment(author=cast.bob, post_id=post.pk, content=f"`{attack}`")
    for part in ("posts", "comments"):
        html = client_of(None).get("/f/maps/search/", {"q": "bench", "in": part}).content.decode()
        assert "<mark>bench</mark>" in html
        assert "<script>alert" not in html
        assert "<mark>no</mark>" not in html
    html = client_of(None).get("/f/maps/search/", {"q": "</title><script>x\"'"}).content.decode()
    assert "<script>x" not in html


def test_an_excerpt_shows_the_words() -> None:
    looked_for = wanted("needle")
    assert looked_for is not None
    text = excerpt(f"{'hay ' * 200}needle{' hay' * 200}", looked_for.pattern)
    assert "<mark>needle</mark>" in text
    assert text.startswith("…")
    assert text.endswith("…")
    assert len(text) < 400
    assert marked("Needles and a needle", looked_for.pattern) == "<mark>Needles</mark> and a <mark>needle</mark>"
    assert plain_of("a ||secret|| **b**") == plain_of("a ||other|| **b**")


def test_what_is_veiled_shows_no_text(maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(is_spoiler=True)
    html = client_of(None).get("/f/maps/search/?q=eleven").content.decode()
    assert "Fountains of the city" in html
    assert "<mark>" not in html


def test_people_one_blocks_are_not_found(maps: Place, cast: Cast) -> None:
    Block.objects.create(blocker=cast.charlie, blocked=cast.bob)
    assert "Fountains" not in client_of(cast.charlie).get("/f/maps/search/?q=fountains").content.decode()


@pytest.mark.parametrize("query", ["q=a&in=people", "q=a&after=zzz", f"q={'x' * (QUERY_MAX + 1)}"])
def test_addresses_that_make_no_sense_are_refused(maps: Place, query: str) -> None:
    assert client_of(None).get(f"/f/maps/search/?{query}").status_code == 400


def test_searching_asks_few_questions(
    maps: Place, cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(cast.bob)
    for address in ("/f/maps/search/?q=fountains", "/forums/search/?q=fountains&in=comments"):
        client.get(address)
        with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
            assert client.get(address).status_code == 200


def test_nobody_searches_without_pause(maps: Place, settings: object) -> None:
    settings.CHATTER_RATE_LIMITS = True  # type: ignore[attr-defined]
    client = client_of(None)
    answers = [client.get("/f/maps/search/?q=fountains").status_code for _ in range(32)]
    assert answers[:30] == [200] * 30
    assert answers[-1] == 429
