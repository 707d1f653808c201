"""The pages of comments, as browsers without scripts and as our scripts ask for them: by members, strangers and visitors."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatter.core import page_cache
from forums.actions.comments import create_comment, delete_comment, edit_comment
from forums.models import Comment, Forum, Post
from tests.cast import Cast
from tests.forums.cast import Place, make_forum
from tests.forums.crowd import chain, fill

pytestmark = pytest.mark.django_db
SCRIPT = {"Accept": "application/json, text/html"}
POST = "/f/maps/1/fountains-of-the-city/"


def page(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def say(author: User, place: Place, content: str, under: Comment | None = None) -> Comment:
    return create_comment(author=author, post_id=place.post.pk, content=content, parent_id=under.pk if under else None)


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="c-(\d+)"', html)]


def test_a_comment_written_without_scripts(cast: Cast, maps: Place) -> None:
    client = page(cast.charlie)
    form = client.get(POST).content.decode()
    key = re.search(r'name="client_id" value="([^"]+)"', form)
    assert key and 'action="/f/maps/1/c/new/"' in form
    for _twice in range(2):
        answer = client.post("/f/maps/1/c/new/", {"content": "July", "client_id": key[1]})
        assert (answer.status_code, answer["Location"]) == (302, f"{POST}#c-1")
    assert numbers(client.get(POST).content.decode()) == [1]


def test_an_answer_written_without_scripts(cast: Cast, maps: Place) -> None:
    say(cast.bob, maps, "**July**")
    client = page(cast.charlie)
    assert "<strong>July</strong>" in client.get("/f/maps/1/c/1/reply/").content.decode()
    client.post("/f/maps/1/c/1/reply/", {"content": "August", "client_id": str(uuid4())})
    assert Comment.objects.get(number=2).parent is not None


def test_where_the_page_shows_a_part_one_comes_back_to_the_comment_itself(cast: Cast, maps: Place) -> None:
    fill(maps.post, 300, [cast.bob], fan=1000)
    answer = page(cast.charlie).post("/f/maps/1/c/new/", {"content": "July"})
    assert answer["Location"] == "/f/maps/1/c/301/#c-301"


def test_a_preview_writes_nothing(cast: Cast, maps: Place) -> None:
    answer = page(cast.charlie).post("/f/maps/1/c/new/", {"content": "**July** <script>", "preview": "1"})
    assert "<strong>July</strong> &lt;script&gt;" in answer.content.decode()
    assert not Comment.objects.exists()


def test_what_is_refused_stands_beside_the_text(cast: Cast, maps: Place) -> None:
    client = page(cast.charlie)
    answer = client.post("/f/maps/1/c/new/", {"content": "x" * 10_001})
    assert (
        answer.status_code == 400 and "too long" in answer.content.decode() and "x" * 10_001 in answer.content.decode()
    )
    assert client.post("/f/maps/1/c/new/", {"content": ""}).status_code == 400
    assert client.post("/f/maps/1/c/new/", {"content": "x", "client_id": "nonsense"}).status_code == 400
    refused = client.post("/f/maps/1/c/new/", {"content": "x" * 10_001}, headers=SCRIPT)
    assert refused.json()["error"]["code"] == "too_long"


def test_scripts_get_the_comment_as_the_page_shows_it(cast: Cast, maps: Place) -> None:
    client = page(cast.charlie)
    answer = client.post("/f/maps/1/c/new/", {"content": "July", "client_id": str(uuid4())}, headers=SCRIPT)
    html = answer.content.decode()
    assert answer.status_code == 201 and html.startswith("<li") and numbers(html) == [1] and "data-own" in html
    answer = client.post("/f/maps/1/c/1/edit/", {"content": "August"}, headers=SCRIPT)
    assert "August" in answer.content.decode() and "/history/" in answer.content.decode()


def test_change_delete_and_what_it_said_before(cast: Cast, maps: Place) -> None:
    say(cast.charlie, maps, "June")
    client, other = page(cast.charlie), page(cast.bob)
    assert ">June</textarea>" in client.get("/f/maps/1/c/1/edit/").content.decode()
    assert client.post("/f/maps/1/c/1/edit/", {"content": "July"}).status_code == 302
    history = other.get("/f/maps/1/c/1/history/").content.decode()
    assert "<del>June</del>" in history and "<ins>July</ins>" in history
    for name in ("edit", "delete"):
        assert (
            other.get(f"/f/maps/1/c/1/{name}/").status_code == other.post(f"/f/maps/1/c/1/{name}/").status_code == 403
        )
    assert "cannot be taken back" in client.get("/f/maps/1/c/1/delete/").content.decode()
    assert client.post("/f/maps/1/c/1/delete/").status_code == 302
    for name in ("edit", "delete"):
        assert client.get(f"/f/maps/1/c/1/{name}/").status_code == 404
    assert client.get("/f/maps/1/c/1/history/").status_code == other.get("/f/maps/1/c/1/history/").status_code == 404
    assert "July" in page(cast.mod).get("/f/maps/1/c/1/history/").content.decode()


def test_nobody_answers_what_is_gone(cast: Cast, maps: Place) -> None:
    first = say(cast.bob, maps, "x")
    delete_comment(author=cast.bob, comment_id=first.pk)
    client = page(cast.charlie)
    for answer in (client.get("/f/maps/1/c/1/reply/"), client.post("/f/maps/1/c/1/reply/", {"content": "y"})):
        assert answer.status_code == 403
    Post.objects.filter(pk=maps.post.pk).update(locked_at=timezone.now())
    assert client.post("/f/maps/1/c/new/", {"content": "y"}).status_code == 403
    assert "locked" in client.get(POST).content.decode()
    assert Comment.objects.count() == 1


def test_a_comments_own_page_shows_what_it_answers(cast: Cast, maps: Place) -> None:
    chain(maps.post, 12, cast.bob)
    html = Client().get("/f/maps/1/c/7/").content.decode()
    assert numbers(html) == [4, 5, 6, 7, 8, 9, 10, 11, 12] and html.count("comment--focus") == 1
    assert "All comments" in html and "/accounts/login/?next=/f/maps/1/c/7/" in html


def test_parts_for_scripts(cast: Cast, maps: Place) -> None:
    first = say(cast.bob, maps, "first")
    for number in range(3):
        say(cast.charlie, maps, f"answer {number}", first)
    last = say(cast.bob, maps, "last")
    client = page(cast.alice)

    def part(query: str) -> str:
        answer = client.get(f"/f/maps/1/c/?{query}")
        assert answer.status_code == 200 and "<html" not in answer.content.decode()
        return answer.content.decode()

    assert numbers(part("sort=old&under=1&after=2&level=1")) == [3, 4]
    assert numbers(part("sort=old&after=1")) == [5]
    assert numbers(part(f"only={last.pk}")) == [5]
    news = part("since=3")
    assert numbers(news) == [4, 5] and f'data-under="{first.pk}"' in news and f'data-under="{maps.post.pk}"' in news
    assert part("since=5") == ""


@pytest.mark.parametrize(
    "query",
    [
        "sort=nonsense",
        "after=-1",
        "after=99999999999",
        "level=-3",
        "level=x",
        "under=0",
        "only=x",
        "since=x",
        "sort=&after=%00",
    ],
)
def test_addresses_without_sense_show_the_beginning(cast: Cast, maps: Place, query: str) -> None:
    say(cast.bob, maps, "x")
    for where in ("/f/maps/1/c/", POST, "/f/maps/1/c/1/"):
        answer = Client().get(f"{where}?{query}")
        assert answer.status_code == 200 and numbers(answer.content.decode()) == [1]


def test_what_is_not_there_is_not_found(cast: Cast, maps: Place) -> None:
    held = say(cast.charlie, maps, "waits")
    Comment.objects.filter(pk=held.pk).update(held_at=timezone.now())
    addresses = ["/f/maps/1/c/1/", f"/f/maps/1/c/?only={held.pk}", "/f/maps/1/c/1/history/", "/f/maps/1/c/?under=1"]
    for address in [*addresses, "/f/maps/1/c/99/", "/f/maps/9/c/", "/f/nowhere/1/c/", f"/f/maps/1/c/{2**40}/"]:
        assert page(cast.bob).get(address).status_code == 404
    for address in addresses:
        assert page(cast.charlie).get(address).status_code == 200


def test_a_private_forum_has_no_comments_for_outsiders(cast: Cast) -> None:
    place = make_forum(cast, is_public=False, slug="hidden")
    comment = say(cast.bob, place, "secret")
    addresses = ["/f/hidden/1/c/", f"/f/hidden/1/c/?only={comment.pk}", "/f/hidden/1/c/1/", "/f/hidden/1/c/1/history/"]
    for address in addresses:
        assert Client().get(address).status_code == page(cast.charlie).get(address).status_code == 404
        assert page(cast.bob).get(address).status_code == 200
    assert page(cast.charlie).post("/f/hidden/1/c/new/", {"content": "x"}).status_code == 404


def test_visitors_share_a_page_without_anything_of_theirs(cast: Cast, maps: Place) -> None:
    edit_comment(editor=cast.bob, comment_id=say(cast.bob, maps, "x").pk, content="y")
    for address in (POST, "/f/maps/1/c/1/", "/f/maps/1/c/"):
        answer = Client().get(address)
        assert answer.has_header(page_cache.MARK) and "csrf" not in answer.content.decode()
        assert not answer.cookies
        assert not page(cast.bob).get(address).has_header(page_cache.MARK)
    for name in ("new", "1/reply", "1/edit", "1/delete"):
        assert "/accounts/login/" in Client().get(f"/f/maps/1/c/{name}/")["Location"]


def test_a_forum_that_hides_scores_says_none(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    comment = say(cast.bob, maps, "x")
    vote = {"vote": f"comment.{comment.pk}.1"}
    assert page(cast.charlie).post("/f/vote/", vote, headers=SCRIPT).json() == {"score": None, "mine": 1}


def test_pages_ask_little(cast: Cast, maps: Place, django_assert_max_num_queries: object) -> None:
    fill(maps.post, 100, [cast.alice, cast.bob, cast.charlie, cast.mod], fan=4)
    client = page(cast.mallory)
    client.get(POST)
    for address in (POST, "/f/maps/1/c/20/", "/f/maps/1/c/?after=3", "/f/maps/1/c/?under=2"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            assert len(numbers(client.get(address).content.decode())) >= 1
