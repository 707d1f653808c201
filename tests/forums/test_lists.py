"""Lists of posts: who sees what, in which order, and that walking them shows each post once."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Block, User
from chatter.core.errors import NotFound, Refused
from forums import ranking
from forums.actions.forum import create_forum
from forums.actions.posts import create_post
from forums.actions.saved import save_post, unsave_post
from forums.models import Forum, Member, Post, PostVote, Saved
from forums.reading import keyset, lists
from forums.reading.keyset import cursor_of
from forums.reading.lists import PAGE, Asked, Page, Sort, Span
from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db
ORDERS = [Sort.HOT, Sort.NEW, Sort.TOP, Sort.CONTROVERSIAL]


def many(place: Place, author: User, votes: list[tuple[int, int]]) -> list[Post]:
    """Posts with so many votes for and against, without the votes' own rows."""
    start = place.forum.last_number
    now = timezone.now()
    posts = [
        Post(
            forum=place.forum,
            number=start + number,
            author=author,
            title=f"Post {number}",
            created_at=now,
            up_count=up,
            down_count=down,
            score=up - down,
            hot=ranking.hot(up, down, now),
            controversy=ranking.controversy(up, down),
        )
        for number, (up, down) in enumerate(votes, start=1)
    ]
    made = Post.objects.bulk_create(posts)
    Forum.objects.filter(pk=place.forum.pk).update(last_number=start + len(votes))
    place.forum.last_number += len(votes)
    return made


def walked(read: Callable[[Asked], Page], sort: Sort, between: Callable[[], None] = lambda: None) -> list[UUID]:
    """The ids of all pages, one after the other."""
    found: list[UUID] = []
    after = None
    while True:
        page = read(Asked(sort, after=after))
        found += [card.id for card in page.cards]
        if page.after is None:
            return found
        # As the address carries it.
        after = cursor_of(str(page.after))
        between()


# Few different votes make many ties.
votes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=0, max_size=2 * PAGE + 5)


@pytest.mark.parametrize("sort", ORDERS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(votes=votes)
def test_walking_shows_each_post_once(maps: Place, cast: Cast, sort: Sort, votes: list[tuple[int, int]]) -> None:
    Post.objects.filter(forum=maps.forum).delete()
    posts = many(maps, cast.bob, votes)
    expected = [post.pk for post in posts if sort != Sort.CONTROVERSIAL or post.controversy > 0]
    readers = (
        lambda asked: lists.posts_in(maps.standing(cast.charlie), asked),
        lambda asked: lists.posts_at_home(cast.bob, asked),
        lambda asked: lists.posts_everywhere(None, asked),
        lambda asked: lists.posts_by(cast.bob, cast.charlie, asked),
    )
    for read in readers:
        assert sorted(walked(read, sort)) == sorted(expected)


@pytest.mark.parametrize("sort", [Sort.HOT, Sort.TOP, Sort.CONTROVERSIAL])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_nothing_comes_twice_while_votes_come_in(maps: Place, cast: Cast, sort: Sort, chance: object) -> None:
    Post.objects.filter(forum=maps.forum).delete()
    posts = many(maps, cast.bob, [(chance.randint(1, 9), chance.randint(0, 9)) for _ in range(3 * PAGE)])  # type: ignore[attr-defined]

    def change() -> None:
        for post in chance.sample(posts, 20):  # type: ignore[attr-defined]
            post.up_count, post.down_count = chance.randint(1, 9), chance.randint(0, 9)  # type: ignore[attr-defined]
            post.score = post.up_count - post.down_count
            post.hot = ranking.hot(post.up_count, post.down_count, post.created_at)
            post.controversy = ranking.controversy(post.up_count, post.down_count)
        Post.objects.bulk_update(posts, ["up_count", "down_count", "score", "hot", "controversy"])

    found = walked(lambda asked: lists.posts_in(maps.standing(None), asked), sort, change)
    assert len(found) == len(set(found))


def test_each_order_is_what_it_says(maps: Place, cast: Cast) -> None:
    Post.objects.filter(forum=maps.forum).delete()
    many(maps, cast.bob, [(9, 0), (5, 5), (1, 0), (0, 4), (3, 2)])
    standing = maps.standing(cast.charlie)

    def titles(sort: Sort) -> list[str]:
        return [card.title for card in lists.posts_in(standing, Asked(sort)).cards]

    assert titles(Sort.NEW) == ["Post 5", "Post 4", "Post 3", "Post 2", "Post 1"]
    assert titles(Sort.TOP) == ["Post 1", "Post 5", "Post 3", "Post 2", "Post 4"]
    assert titles(Sort.CONTROVERSIAL) == ["Post 2", "Post 5"]
    assert titles(Sort.HOT) == ["Post 1", "Post 5", "Post 3", "Post 2", "Post 4"]


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK, Span.MONTH, Span.YEAR])
def test_a_span_leaves_out_what_is_older(maps: Place, cast: Cast, span: Span) -> None:
    old, new = many(maps, cast.bob, [(9, 9), (1, 1)])
    Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - 1.1 * lists.SPANS[span])
    for sort in (Sort.TOP, Sort.CONTROVERSIAL):
        for page in (
            lists.posts_in(maps.standing(None), Asked(sort, span)),
            lists.posts_at_home(cast.bob, Asked(sort, span)),
            lists.posts_everywhere(cast.charlie, Asked(sort, span)),
        ):
            keys = [card.id for card in page.cards]
            assert new.pk in keys
            assert old.pk not in keys
    assert old.pk in [card.id for card in lists.posts_in(maps.standing(None), Asked(Sort.TOP)).cards]


def test_pinned_posts_stand_first_in_their_forum_once(maps: Place, cast: Cast) -> None:
    posts = many(maps, cast.bob, [(9, 0)] * (PAGE + 3))
    pinned = posts[0]
    Post.objects.filter(pk=pinned.pk).update(pinned_at=timezone.now())
    for sort in (Sort.HOT, Sort.NEW, Sort.TOP):
        first = lists.posts_in(maps.standing(None), Asked(sort))
        assert first.cards[0].id == pinned.pk
        assert len(first.cards) == PAGE + 1
        found = walked(lambda asked: lists.posts_in(maps.standing(None), asked), sort)
        assert len(found) == len(set(found)) == PAGE + 4
    assert lists.posts_everywhere(None, Asked(Sort.NEW)).cards[0].id != pinned.pk


def test_what_is_gone_or_waits_stands_in_no_list(maps: Place, cast: Cast) -> None:
    now = timezone.now()
    shown, deleted, removed, held = many(maps, cast.bob, [(4, 0)] * 4)
    Post.objects.filter(pk=deleted.pk).update(deleted_at=now, title="", content="", html="", excerpt="", url="")
    Post.objects.filter(pk=removed.pk).update(removed_at=now)
    Post.objects.filter(pk=held.pk).update(held_at=now)
    for person in (None, cast.charlie, cast.bob, cast.mod):
        for page in (lists.posts_in(maps.standing(person), Asked()), lists.posts_everywhere(person, Asked())):
            assert {card.id for card in page.cards} == {shown.pk, maps.post.pk}
    theirs = {card.id for card in lists.posts_by(cast.bob, cast.charlie, Asked(Sort.NEW)).cards}
    assert theirs == {shown.pk, maps.post.pk}
    own = {card.id for card in lists.posts_by(cast.bob, cast.bob, Asked(Sort.NEW)).cards}
    assert own == {shown.pk, maps.post.pk, removed.pk, held.pk}


def test_private_forums_show_nothing_to_outsiders(cast: Cast) -> None:
    hidden = create_forum(owner=cast.alice, name="Hidden", slug="hidden", is_public=False)
    post = create_post(author=cast.alice, forum_id=hidden.pk, title="For us")
    for person in (None, cast.charlie):
        assert lists.posts_everywhere(person, Asked()).cards == []
    assert lists.posts_by(cast.alice, cast.charlie, Asked(Sort.NEW)).cards == []
    assert [card.id for card in lists.posts_everywhere(cast.alice, Asked()).cards] == [post.pk]
    assert [card.id for card in lists.posts_at_home(cast.alice, Asked()).cards] == [post.pk]
    with pytest.raises(NotFound):
        save_post(person=cast.charlie, post_id=post.pk)


def test_forums_for_adults_are_not_in_the_list_of_who_is_not_known(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(is_nsfw=True)
    assert lists.posts_everywhere(None, Asked()).cards == []
    assert [card.id for card in lists.posts_everywhere(cast.charlie, Asked()).cards] == [maps.post.pk]


def test_forums_about_to_end_are_in_no_list(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(deletion_due_at=timezone.now())
    assert lists.posts_everywhere(cast.bob, Asked()).cards == []
    assert lists.posts_at_home(cast.bob, Asked()).cards == []
    assert lists.posts_by(cast.bob, cast.bob, Asked(Sort.NEW)).cards == []


def test_home_holds_what_one_subscribes_to(cast: Cast, maps: Place) -> None:
    assert [card.id for card in lists.posts_at_home(cast.bob, Asked()).cards] == [maps.post.pk]
    assert lists.posts_at_home(cast.charlie, Asked()).cards == []
    Member.objects.filter(forum=maps.forum, user=cast.bob).update(is_subscribed=False)
    assert lists.posts_at_home(cast.bob, Asked()).cards == []


def test_cards_know_what_the_reader_did(cast: Cast, maps: Place) -> None:
    PostVote.objects.create(post=maps.post, user=cast.charlie, value=-1)
    save_post(person=cast.charlie, post_id=maps.post.pk)
    save_post(person=cast.charlie, post_id=maps.post.pk)
    (card,) = lists.posts_in(maps.standing(cast.charlie), Asked()).cards
    assert (card.mine, card.is_saved, card.author_name) == (-1, True, "Bob")
    (card,) = lists.posts_in(maps.standing(cast.alice), Asked()).cards
    assert (card.mine, card.is_saved) == (0, False)
    unsave_post(person=cast.charlie, post_id=maps.post.pk)
    assert not Saved.objects.exists()


def test_saved_posts_come_back_the_last_first(cast: Cast, maps: Place) -> None:
    posts = many(maps, cast.bob, [(1, 0)] * (PAGE + 2))
    for post in posts:
        save_post(person=cast.charlie, post_id=post.pk)
    found = walked(lambda asked: lists.posts_saved(cast.charlie, asked), Sort.NEW)
    assert found == [post.pk for post in reversed(posts)]
    Post.objects.filter(pk=posts[0].pk).update(removed_at=timezone.now())
    assert posts[0].pk not in walked(lambda asked: lists.posts_saved(cast.charlie, asked), Sort.NEW)


@pytest.mark.parametrize("bad", ["x", "AAAA", "é", "A" * 2000, "_" * 44, str(keyset.Cursor(1e300, keyset.START))])
def test_addresses_that_nobody_was_given_are_refused(bad: str) -> None:
    with pytest.raises(Refused):
        cursor_of(bad)


def test_a_cursor_is_read_as_it_was_written() -> None:
    after = keyset.cursor_after(-2.5, keyset.START, [UUID(int=5)] * 400, None)
    assert cursor_of(str(after)) == after
    assert len(str(after)) <= keyset.LONGEST
    assert len(after.seen) == keyset.SEEN_MAX


# Pages.


def opened(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def visitor() -> Client:
    cache.clear()
    return Client()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


def test_the_page_of_a_forum(maps: Place, cast: Cast, visitor: Client, client_of: Callable[[User], Client]) -> None:
    many(maps, cast.bob, [(1, 0)] * PAGE)
    for client in (visitor, client_of(cast.charlie)):
        html = opened(client, "/f/maps/?sort=new")
        assert html.count('<article class="post') == PAGE
        address = html.split('class="posts__older"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
        assert "sort=new" in address
        older = opened(client, f"/f/maps/{address}")
        assert older.count('<article class="post') == 1
        assert "Fountains of the city" in older
        part = opened(client, f"/f/maps/{address}", **{"X-Fragment": "posts"})
        assert part.lstrip().startswith("<post-list")


@pytest.mark.parametrize("query", ["sort=worst", "span=hour&sort=top", "after=x", "flair=1", "view=wide", "after=%00"])
def test_addresses_that_make_no_sense_are_refused(maps: Place, visitor: Client, query: str) -> None:
    assert visitor.get(f"/f/maps/?{query}").status_code == 400


def test_a_listing_asks_few_questions(
    maps: Place, cast: Cast, client_of: Callable[[User], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    many(maps, cast.bob, [(1, 0)] * 30)
    client = client_of(cast.bob)
    for address in ("/f/maps/", "/forums/home/", "/forums/all/", "/forums/saved/", "/f/maps/?sort=top&span=week"):
        opened(client, address)
        with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
            opened(client, address)
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        opened(client, "/people/bob/posts/")


def test_the_view_is_remembered(maps: Place, cast: Cast, client_of: Callable[[User], Client], visitor: Client) -> None:
    assert 'class="post post--row' in opened(visitor, "/f/maps/?view=compact")
    client = client_of(cast.bob)
    assert "post--row" not in opened(client, "/f/maps/")
    answer = client.post("/forums/view/", {"view": "compact", "next": "/f/maps/?sort=new"})
    assert answer["Location"] == "/f/maps/?sort=new"
    assert 'class="post post--row' in opened(client, "/f/maps/")
    assert 'class="post post--row' in opened(client, "/forums/all/")
    assert client.post("/forums/view/", {"view": "wide"}).status_code == 400
    assert client.post("/forums/view/", {"view": "card", "next": "//evil.example/"})["Location"] == "/forums/home/"


def test_saving_without_scripts(maps: Place, cast: Cast, client_of: Callable[[User], Client], visitor: Client) -> None:
    client = client_of(cast.charlie)
    html = opened(client, "/f/maps/")
    assert f'form="save" name="save" value="{maps.post.pk}.1"' in html
    answer = client.post("/forums/save/", {"save": f"{maps.post.pk}.1", "next": "/f/maps/"})
    assert answer["Location"] == f"/f/maps/#p-{maps.post.pk}"
    assert f'value="{maps.post.pk}.0"' in opened(client, "/f/maps/")
    assert "Fountains of the city" in opened(client, "/forums/saved/")
    assert client.post(
        "/forums/save/", {"save": f"{maps.post.pk}.0"}, headers={"Accept": "application/json"}
    ).json() == {"saved": False}
    for wrong in ("", "x", f"{maps.post.pk}", f"{maps.post.pk}.2", "-" * 36 + ".1"):
        assert client.post("/forums/save/", {"save": wrong}).status_code == 400
    assert client.post("/forums/save/", {"save": f"{UUID(int=0)}.1"}).status_code == 404
    assert "account" in visitor.post("/forums/save/", {"save": f"{maps.post.pk}.1"})["Location"]


def test_posts_of_people_one_blocks_are_folded(maps: Place, cast: Cast, client_of: Callable[[User], Client]) -> None:
    Block.objects.create(blocker=cast.charlie, blocked=cast.bob)
    assert "post__fold" in opened(client_of(cast.charlie), "/f/maps/")
    assert "post__fold" not in opened(client_of(cast.alice), "/f/maps/")


def test_what_is_marked_is_veiled(maps: Place, visitor: Client) -> None:
    assert "eleven" in opened(visitor, "/f/maps/")
    Post.objects.filter(pk=maps.post.pk).update(is_spoiler=True)
    assert "eleven" not in opened(visitor, "/f/maps/")
    assert "Spoiler" in opened(visitor, "/f/maps/")


def test_hidden_scores_are_shown_to_nobody(maps: Place, cast: Cast, client_of: Callable[[User], Client]) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    Post.objects.filter(pk=maps.post.pk).update(score=4321)
    for person in (cast.bob, cast.mod, cast.alice):
        assert "4321" not in opened(client_of(person), "/f/maps/")


def test_a_title_is_only_words(maps: Place, visitor: Client) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>%(title)s%s{{ x }}"
    Post.objects.filter(pk=maps.post.pk).update(title=attack, excerpt=attack)
    for address in ("/f/maps/", "/f/maps/?view=compact", "/forums/all/"):
        html = opened(visitor, address)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "%(title)s%s{{ x }}" in html


def test_empty_lists_say_so(maps: Place, cast: Cast, client_of: Callable[[User], Client], visitor: Client) -> None:
    assert "Your home is quiet" in opened(client_of(cast.charlie), "/forums/home/")
    assert "Nothing saved" in opened(client_of(cast.charlie), "/forums/saved/")
    assert "Nothing controversial" in opened(visitor, "/f/maps/?sort=controversial")
    Post.objects.all().delete()
    assert "No posts yet" in opened(visitor, "/f/maps/")


def test_only_public_pages_of_visitors_are_shared(
    maps: Place, cast: Cast, client_of: Callable[[User], Client], visitor: Client
) -> None:
    from chatter.core.page_cache import MARK

    assert visitor.get("/f/maps/").has_header(MARK)
    assert visitor.get("/forums/all/").has_header(MARK)
    assert not client_of(cast.bob).get("/f/maps/").has_header(MARK)
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    assert visitor.get("/f/maps/").status_code == 404
    assert not client_of(cast.bob).get("/f/maps/").has_header(MARK)


def test_a_persons_posts(maps: Place, cast: Cast, client_of: Callable[[User], Client], visitor: Client) -> None:
    assert "Fountains of the city" in opened(client_of(cast.charlie), "/people/bob/posts/")
    assert visitor.get("/people/bob/posts/").status_code == 302
    Block.objects.create(blocker=cast.bob, blocked=cast.charlie)
    assert client_of(cast.charlie).get("/people/bob/posts/").status_code == 404
