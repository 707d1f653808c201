"""Following posts, people and forums: who may, what it does, how it ends."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.relationships import block_person
from accounts.models import Notification, User
from chatter.core.errors import NotFound, Refused
from forums.actions.bans import ban_person
from forums.actions.comments import create_comment
from forums.actions.following import choose_news, follow_person, follow_post
from forums.actions.posts import create_post
from forums.following import followed_people, followed_posts
from forums.models import Forum, Member, PersonFollow, PostFollow
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.telling import forget_told, titles, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(maps: Place) -> None:
    forget_told()


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def write(author: User, maps: Place, title: str = "Wells") -> object:
    return create_post(author=author, forum_id=maps.forum.pk, title=title, content="Deep ones")


# --- posts ---------------------------------------------------------------------------------------------------------------


def test_a_followed_post_tells_of_every_comment_in_one_line(cast: Cast, maps: Place) -> None:
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    first = create_comment(author=cast.mod, post_id=maps.post.pk, content="Twelve, I think")
    assert titles(cast.charlie) == [f"{cast.mod.name} commented on “Fountains of the city”"]
    create_comment(author=cast.alice, post_id=maps.post.pk, content="Eleven", parent_id=first.pk)
    [notice] = told(cast.charlie)
    assert (notice.title, notice.count) == ("2 new comments on “Fountains of the city”", 2)
    assert notice.text == f"{cast.alice.name}: Eleven"
    assert Notification.objects.filter(recipient=cast.charlie).count() == 1
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=False)
    create_comment(author=cast.alice, post_id=maps.post.pk, content="No, twelve")
    assert told(cast.charlie) == []


def test_authors_hear_of_answers_until_they_do_not_want_to(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.mod, post_id=maps.post.pk, content="Twelve")
    create_comment(author=cast.alice, post_id=maps.post.pk, content="Eleven", parent_id=first.pk)
    assert titles(cast.bob) == [f"{cast.mod.name} commented on your post “Fountains of the city”"], "what answers it"
    assert titles(cast.mod) == [f"{cast.alice.name} answered you in “Fountains of the city”"]
    follow_post(person=cast.bob, post_id=maps.post.pk, on=True)
    create_comment(author=cast.alice, post_id=maps.post.pk, content="Really eleven", parent_id=first.pk)
    assert f"{cast.alice.name} commented on “Fountains of the city”" in titles(cast.bob), "every comment"
    for person in (cast.bob, cast.mod):
        follow_post(person=person, post_id=maps.post.pk, on=False)
        create_comment(author=cast.alice, post_id=maps.post.pk, content="And", parent_id=first.pk)
        create_comment(author=cast.alice, post_id=maps.post.pk, content="And")
        assert told(person) == []


def test_nobody_is_told_of_their_own(cast: Cast, maps: Place) -> None:
    follow_post(person=cast.bob, post_id=maps.post.pk, on=True)
    choose_news(person=cast.bob, forum_id=maps.forum.pk, notify="posts")
    mine = create_comment(author=cast.bob, post_id=maps.post.pk, content="@bob myself")
    create_comment(author=cast.bob, post_id=maps.post.pk, content="again", parent_id=mine.pk)
    write(cast.bob, maps)
    assert told(cast.bob) == []


def test_what_one_may_not_see_is_not_followed(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    with pytest.raises(NotFound):
        follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=True)
    ban_person(moderator=cast.alice, forum_id=maps.forum.pk, person_id=cast.bob.pk, reason="Loud")
    with pytest.raises(Refused, match="banned"):
        follow_post(person=cast.bob, post_id=maps.post.pk, on=True)
    with pytest.raises(Refused):
        follow_post(person=make_person(is_guest=True), post_id=maps.post.pk, on=True)
    assert not PostFollow.objects.exists()


def test_who_cannot_read_there_any_more_hears_nothing(cast: Cast, maps: Place) -> None:
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    create_comment(author=cast.mod, post_id=maps.post.pk, content="Before")
    assert len(told(cast.charlie)) == 1
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    assert told(cast.charlie) == [], "what was told shows nothing now"
    create_comment(author=cast.mod, post_id=maps.post.pk, content="After")
    assert told(cast.charlie) == []
    assert list(followed_posts(cast.charlie).rows) == []


# --- people --------------------------------------------------------------------------------------------------------------


def test_followed_people_tell_of_their_posts(cast: Cast, maps: Place) -> None:
    follow_person(follower=cast.charlie, person=cast.bob, on=True)
    follow_person(follower=cast.charlie, person=cast.bob, on=True)
    write(cast.bob, maps, "Wells")
    [notice] = told(cast.charlie)
    assert (notice.title, notice.text) == (f"{cast.bob.name} posted in “Maps”", "Wells")
    write(cast.bob, maps, "Springs")
    [notice] = told(cast.charlie)
    assert (notice.title, notice.text) == (f"2 new posts by {cast.bob.name}", "Springs")
    follow_person(follower=cast.charlie, person=cast.bob, on=False)
    write(cast.bob, maps, "Brooks")
    assert told(cast.charlie) == []


def test_of_a_private_forum_only_its_members_hear(cast: Cast, maps: Place) -> None:
    for person in (cast.charlie, cast.mod):
        follow_person(follower=person, person=cast.bob, on=True)
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    write(cast.bob, maps)
    assert told(cast.charlie) == []
    assert len(told(cast.mod)) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_block_ends_following_both_ways_and_lets_nobody_begin(cast: Cast, maps: Place, turned: bool) -> None:
    one, other = (cast.bob, cast.charlie) if turned else (cast.charlie, cast.bob)
    follow_person(follower=cast.charlie, person=cast.bob, on=True)
    follow_person(follower=cast.bob, person=cast.charlie, on=True)
    write(cast.bob, maps)
    assert len(told(cast.charlie)) == 1
    block_person(blocker=one, blocked=other)
    assert not PersonFollow.objects.exists()
    assert told(cast.charlie) == []
    for follower, person in ((cast.bob, cast.charlie), (cast.charlie, cast.bob)):
        with pytest.raises(Refused):
            follow_person(follower=follower, person=person, on=True)
    write(cast.bob, maps, "Springs")
    assert told(cast.charlie) == []


def test_nobody_follows_themselves_guests_or_who_is_gone(cast: Cast) -> None:
    gone = make_person(is_active=False)
    for person in (cast.bob, make_person(is_guest=True), gone):
        with pytest.raises(Refused):
            follow_person(follower=cast.bob, person=person, on=True)
    with pytest.raises(Refused):
        follow_person(follower=make_person(is_guest=True), person=cast.bob, on=True)


def test_following_has_a_pace(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forums.actions.following.CHANGES_PER_HOUR", 3)
    for turn in range(3):
        follow_person(follower=cast.charlie, person=cast.bob, on=turn % 2 == 0)
    with pytest.raises(Refused) as refusal:
        follow_person(follower=cast.charlie, person=cast.bob, on=True)
    assert refusal.value.code == "rate_limited"


# --- forums --------------------------------------------------------------------------------------------------------------


def test_a_forum_tells_of_every_post_who_asked_for_it(cast: Cast, maps: Place) -> None:
    choose_news(person=cast.mod, forum_id=maps.forum.pk, notify="posts")
    follow_person(follower=cast.mod, person=cast.alice, on=True)
    write(cast.bob, maps, "Wells")
    write(cast.bob, maps, "Springs")
    assert [(notice.title, notice.text) for notice in told(cast.mod)] == [("2 new posts in “Maps”", "Springs")]
    write(cast.alice, maps, "Brooks")
    assert len(told(cast.mod)) == 2, "who follows the author, too, is told once"
    choose_news(person=cast.mod, forum_id=maps.forum.pk, notify="")
    write(cast.bob, maps, "Rivers")
    assert titles(cast.mod) == [f"{cast.alice.name} posted in “Maps”"]


def test_a_muted_forum_tells_of_names_on_the_page_only(cast: Cast, maps: Place) -> None:
    choose_news(person=cast.bob, forum_id=maps.forum.pk, notify="muted")
    create_comment(author=cast.mod, post_id=maps.post.pk, content="Twelve")
    assert told(cast.bob) == []
    create_comment(author=cast.mod, post_id=maps.post.pk, content="@bob twelve")
    assert [notice.kind for notice in told(cast.bob)] == ["mention"]
    assert not Notification.objects.get(recipient=cast.bob).deliveries.exists()


def test_only_members_choose_and_only_what_there_is(cast: Cast, maps: Place) -> None:
    with pytest.raises(Refused, match="Join"):
        choose_news(person=cast.charlie, forum_id=maps.forum.pk, notify="posts")
    with pytest.raises(Refused):
        choose_news(person=cast.bob, forum_id=maps.forum.pk, notify="everything")


# --- pages ---------------------------------------------------------------------------------------------------------------


def test_following_without_scripts(cast: Cast, maps: Place) -> None:
    client = at(cast.charlie)
    page = reverse("person_follow", args=["bob"])
    assert client.post(page, {"on": "1", "next": "/people/bob/"})["Location"] == "/people/bob/"
    assert "Unfollow" in client.get("/people/bob/").content.decode()
    assert "Unfollow" in client.get("/people/bob/card/").content.decode()
    assert client.post(page, {"on": "1", "next": "https://evil.example/"})["Location"] == "/people/bob/"
    assert client.post(page, {"on": "maybe"}).status_code == 400
    assert client.get(page).status_code == 405
    post = reverse("post_follow", args=["maps", 1])
    assert client.post(post, {"on": "1", "next": "/contacts/following/?show=posts"}).status_code == 302
    for address, words in (("/contacts/following/", cast.bob.name), ("/contacts/following/?show=posts", "Fountains")):
        assert words in client.get(address).content.decode()
    assert client.get("/contacts/following/?show=nonsense&after=x").status_code == 200
    client.post(page, {"on": "0"})
    client.post(post, {"on": "0"})
    for address in ("/contacts/following/", "/contacts/following/?show=posts"):
        assert "You follow no" in client.get(address).content.decode()
    assert client.post(reverse("post_follow", args=["maps", 99]), {"on": "1"}).status_code == 404
    assert client.post(reverse("person_follow", args=["nobody-such"]), {"on": "1"}).status_code == 404


def test_the_bell_of_a_forum_without_scripts(cast: Cast, maps: Place) -> None:
    client, page = at(cast.bob), reverse("forum_follow", args=["maps"])
    assert "Every new post, too" in client.get(page).content.decode()
    for wish in ("posts", "muted", ""):
        assert client.post(page, {"notify": wish}).status_code == 302
        assert Member.objects.get(forum=maps.forum, user=cast.bob).notify == wish
    assert client.post(page, {"notify": "everything"}).status_code == 200
    client.post(page, {"notify": "muted"})
    settings = client.get("/settings/notifications/").content.decode()
    assert f'action="{page}"' in settings, "what is muted is listed, to be made loud again"
    client.post(page, {"minutes": "0", "next": "/settings/notifications/"})
    assert Member.objects.get(forum=maps.forum, user=cast.bob).notify == ""
    assert at(cast.charlie).get(page).status_code == 403
    assert at(cast.mallory).post(reverse("forum_follow", args=["nowhere"]), {"notify": ""}).status_code == 404


def test_lists_of_what_one_follows_cost_the_same_however_long(
    cast: Cast, maps: Place, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        follow_person(follower=cast.charlie, person=make_person(), on=True)
        follow_post(person=cast.charlie, post_id=write(cast.bob, maps, f"Well {number}").pk, on=True)  # type: ignore[attr-defined]
    client = at(cast.charlie)
    for show in ("people", "posts"):
        with django_assert_max_num_queries(6):  # type: ignore[operator]
            assert client.get(f"/contacts/following/?show={show}").status_code == 200
    assert len(followed_people(cast.charlie).rows) == 6


def test_strangers_and_guests_have_no_such_pages(cast: Cast, maps: Place) -> None:
    for address in ("/contacts/following/", reverse("forum_follow", args=["maps"])):
        assert Client().get(address).status_code == 302
        assert at(make_person(is_guest=True)).get(address).status_code == 403
