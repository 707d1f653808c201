"""The pages of posts: read by who may, written without scripts, within a budget of queries."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from chatter.core import page_cache
from forums.actions.comments import create_comment
from forums.actions.posts import Picture, PollWish, create_post
from forums.actions.posts_change import delete_post, edit_post
from forums.actions.uploads import add_upload
from forums.addresses import post_url
from forums.models import Draft, Flair, Forum, Poll, Post, PostImage, Upload
from tests.cast import Cast
from tests.chat_pages.reading import Page
from tests.corpus import XSS
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db
URL = "/f/maps/1/fountains-of-the-city/"


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def written(**more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "draft": str(uuid4()), "kind": "text", "title": "Wells", "do": "post", **more}


def picture(name: str = "sheet.png", width: int = 60) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (width, 40), (200, 30, 30)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


# reading


def test_everybody_reads_a_post(cast: Cast, maps: Place) -> None:
    assert post_url("maps", 1, maps.post.title) == URL
    for client in (Client(), as_(cast.charlie), as_(cast.bob), as_(cast.mod)):
        answer = client.get(URL)
        assert answer.status_code == 200
        assert "<strong>eleven</strong>" in answer.content.decode()
    answer = Client().get(URL)
    assert answer.has_header(page_cache.MARK)
    assert "csrfmiddlewaretoken" not in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["/f/maps/1/", "/f/maps/1/wells/", "/f/MAPS/1/wells/"])
def test_other_addresses_lead_to_the_one(maps: Place, elsewhere: str) -> None:
    answer = Client().get(elsewhere + "?sort=new", follow=True)
    assert answer.redirect_chain[-1] == (URL + "?sort=new", 301)


def test_what_is_not_there_is_not_found(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    for number in (2, 2**31, 10**30):
        assert client.get(f"/f/maps/{number}/").status_code == 404
        assert client.get(f"/f/maps/{number}/edit/").status_code == 404


def test_what_waits_is_for_author_and_moderators(cast: Cast, maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(held_at=timezone.now())
    assert [as_(person).get(URL).status_code for person in (cast.bob, cast.mod, cast.charlie)] == [200, 200, 404]
    assert Client().get(URL).status_code == 404


@pytest.mark.parametrize("gone", ["removed", "deleted"])
def test_what_is_gone_opens_as_a_tombstone(cast: Cast, maps: Place, gone: str) -> None:
    """Its address says no more than the page does."""
    if gone == "deleted":
        delete_post(author=cast.bob, post_id=maps.post.pk)
    else:
        Post.objects.filter(pk=maps.post.pk).update(removed_at=timezone.now())
    for client in (Client(), as_(cast.charlie)):
        answer = client.get(URL, follow=True)
        assert answer.redirect_chain == [("/f/maps/1/-/", 301)]
        page = answer.content.decode()
        assert "Fountains" not in page
        assert "eleven" not in page
        assert f"This post was {gone} by" in page
    reads = [as_(person).get(URL, follow=True).content.decode() for person in (cast.bob, cast.mod)]
    assert ["eleven" in page for page in reads] == ([True, True] if gone == "removed" else [False, False])


def test_outsiders_know_nothing_of_a_private_forum(cast: Cast) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    url = post_url("hidden", 1, hidden.post.title)
    for client in (Client(), as_(cast.charlie)):
        for page in (url, "/f/hidden/1/", "/f/hidden/1/history/"):
            assert client.get(page).status_code == 404
    for page in ("/f/hidden/submit/", "/f/hidden/1/edit/", "/f/hidden/1/cross/", "/f/hidden/1/delete/"):
        assert as_(cast.charlie).get(page).status_code == 404
    assert as_(cast.bob).get(url).status_code == 200


@pytest.mark.parametrize(("mark", "words"), [("is_spoiler", "Spoiler: show it"), ("is_nsfw", "For adults: show it")])
def test_what_is_marked_is_covered_without_scripts(cast: Cast, maps: Place, mark: str, words: str) -> None:
    Post.objects.filter(pk=maps.post.pk).update(**{mark: True})
    page = as_(cast.charlie).get(URL).content.decode()
    cover = page[page.index('<details class="cover">') :]
    assert words in cover[: cover.index("</summary>")]
    assert "eleven" in cover[: cover.index("</details>")]


def test_a_post_of_somebody_blocked_is_folded(cast: Cast, maps: Place) -> None:
    post = create_post(author=cast.mallory, forum_id=maps.forum.pk, title="Mine", content="Hm")
    page = as_(cast.alice).get(post_url("maps", post.number, "Mine")).content.decode()
    assert "A post of somebody you block" in page


def test_the_page_within_its_budget(cast: Cast, maps: Place, django_assert_max_num_queries: Any) -> None:
    upload = add_upload(author=cast.bob, upload=picture().read())
    flair = Flair.objects.create(forum=maps.forum, name="Report")
    posts = [
        maps.post,
        create_post(author=cast.bob, forum_id=maps.forum.pk, title="A", kind="image", images=[Picture(upload.pk)]),
        create_post(author=cast.bob, forum_id=maps.forum.pk, title="B", kind="poll", poll=PollWish(["1", "2"])),
        create_post(author=cast.bob, forum_id=maps.forum.pk, title="C", cross_of=maps.post.pk, flair_id=flair.pk),
    ]
    for post in posts:
        for number in range(5):
            create_comment(author=cast.charlie, post_id=post.pk, content=f"{number}")
    for client in (as_(cast.alice), as_(cast.charlie), as_(cast.bob), Client()):
        client.get("/f/maps/")
        for post in posts:
            with django_assert_max_num_queries(12):
                assert client.get(post_url("maps", post.number, post.title)).status_code == 200


def test_pictures_are_seen_by_who_reads_the_post(cast: Cast) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    upload = add_upload(author=cast.bob, upload=picture().read())
    urls = [f"/post-image/{upload.key}/{edge}/" for edge in (640, 1600)]
    assert [as_(person).get(urls[0]).status_code for person in (cast.bob, cast.alice)] == [200, 404]
    post = create_post(author=cast.bob, forum_id=hidden.forum.pk, title="A", kind="image", images=[Picture(upload.pk)])
    for url in urls:
        seen = as_(cast.alice).get(url)
        assert (seen.status_code, seen["Content-Type"]) == (200, "image/webp")
        assert seen["Cache-Control"].startswith("private")
        assert as_(cast.charlie).get(url).status_code == Client().get(url).status_code == 404
    assert as_(cast.alice).get(f"/post-image/{upload.key}/64/").status_code == 404
    Post.objects.filter(pk=post.pk).update(removed_at=timezone.now())
    assert [as_(person).get(urls[0]).status_code for person in (cast.alice, cast.bob, cast.mod)] == [200, 200, 200]
    Forum.objects.filter(pk=hidden.forum.pk).update(is_public=True)
    assert as_(cast.charlie).get(urls[0]).status_code == 404
    delete_post(author=cast.bob, post_id=post.pk)
    assert as_(cast.alice).get(urls[0]).status_code == 404


# writing


@pytest.mark.parametrize("kind", ["text", "link", "image", "poll"])
def test_the_form_of_each_kind_is_there(cast: Cast, maps: Place, kind: str) -> None:
    answer = as_(cast.bob).get(f"/f/maps/submit/?kind={kind}")
    assert f'name="kind" value="{kind}"' in answer.content.decode()


def test_each_kind_is_written_without_scripts(cast: Cast, maps: Place) -> None:
    client = as_(cast.charlie)
    text = written(content="**Nine** @bob", is_spoiler="on")
    assert client.post("/f/maps/submit/", text)["Location"] == "/f/maps/2/"
    client.post("/f/maps/submit/", text)
    client.post("/f/maps/submit/", written(kind="link", url="https://www.example.org/wells"))
    poll = written(kind="poll", option=["Yes", "No", ""], is_multiple="on", closes="24")
    client.post("/f/maps/submit/", poll)
    pictures = written(kind="image", files=[picture(), picture(width=50)])
    client.post("/f/maps/submit/", pictures)
    posts = list(Post.objects.filter(author=cast.charlie).order_by("number"))
    assert [post.kind for post in posts] == ["text", "link", "poll", "image"]
    assert str(cast.bob.username) in posts[0].html
    assert PostImage.objects.filter(post=posts[3]).count() == 2
    made = Poll.objects.get(pk=posts[2].pk)
    assert made.is_multiple
    assert not made.may_change
    assert made.closes_at is not None
    assert timedelta(hours=23) < made.closes_at - timezone.now() <= timedelta(hours=24)
    assert "example.org" in client.get(post_url("maps", 3, "Wells")).content.decode()


def test_what_is_wrong_stands_beside_and_nothing_is_lost(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    answer = client.post("/f/maps/submit/", written(title="", kind="image", files=[picture()], content="Kept"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Kept" in page
    key = str(Upload.objects.get().pk)
    assert f'name="picture" value="{key}"' in page
    client.post("/f/maps/submit/", written(kind="image", picture=key, **{f"alt-{key}": "A red sheet"}))
    assert PostImage.objects.get().alt == "A red sheet"
    assert client.post("/f/maps/submit/", written(kind="link", url="javascript:alert(1)")).status_code == 400
    assert client.post("/f/maps/submit/", written(kind="poll", option=["One"])).status_code == 400
    assert client.post("/f/maps/submit/", written(client_id="x")).status_code == 400
    assert client.post("/f/maps/submit/", written(kind="essay")).status_code == 400


def test_the_buttons_of_the_form(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)

    def page(**more: Any) -> str:
        answer = client.post("/f/maps/submit/", written(**more))
        assert answer.status_code == 200
        return answer.content.decode()

    assert "<em>Nine</em>" in page(do="preview", content="*Nine*")
    assert 'value="Wells"' in page(do="kind:link", content="Kept")
    assert page(do="option", kind="poll", option=["A", "B"]).count('name="option"') == 3
    keys = [str(add_upload(author=cast.bob, upload=picture().read()).pk) for _each in range(2)]
    moved = page(do=f"up:{keys[1]}", kind="image", picture=keys)
    assert moved.index(f'name="picture" value="{keys[1]}"') < moved.index(f'name="picture" value="{keys[0]}"')
    left = page(do=f"away:{keys[0]}", kind="image", picture=keys)
    assert keys[0] not in left
    assert [str(each.pk) for each in Upload.objects.all()] == [keys[1]]
    assert Post.objects.count() == 1


def test_a_draft_is_saved_listed_opened_and_deleted(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    typed = written(do="draft", title="Half", content="Unfinished", option=["A", "B"], kind="poll")
    assert client.post("/f/maps/submit/", typed)["Location"] == "/forums/drafts/"
    key = typed["draft"]
    assert "Half" in client.get("/forums/drafts/").content.decode()
    opened = client.get(f"/f/maps/submit/?draft={key}").content.decode()
    assert "Unfinished" in opened
    assert 'value="A"' in opened
    saved = {"draft": key, "kind": "text", "title": "Half done", "forum": str(maps.forum.pk)}
    assert client.post("/forums/drafts/save/", saved).status_code == 200
    assert Draft.objects.get().title == "Half done"
    other = as_(cast.charlie)
    assert "Unfinished" not in other.get(f"/f/maps/submit/?draft={key}").content.decode()
    assert "Half" not in other.get("/forums/drafts/").content.decode()
    assert other.post(f"/forums/drafts/{key}/delete/").status_code == 404
    assert other.post("/forums/drafts/save/", saved).status_code == 404
    assert client.post(f"/forums/drafts/{key}/delete/").status_code == 302
    assert not Draft.objects.exists()


def test_a_draft_names_no_forum_that_one_sees_no_more(cast: Cast) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    Draft.objects.create(author=cast.charlie, forum=hidden.forum, title="For them")
    page = as_(cast.charlie).get("/forums/drafts/").content.decode()
    assert "For them" in page
    assert "no forum" in page
    assert "/f/hidden/" not in page
    saved = {"draft": str(uuid4()), "kind": "text", "title": "x", "forum": str(hidden.forum.pk)}
    assert as_(cast.charlie).post("/forums/drafts/save/", saved).status_code == 404


def test_the_author_changes_and_deletes(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    assert "All **eleven** of them." in client.get("/f/maps/1/edit/").content.decode()
    client.post("/f/maps/1/edit/", {"title": "Wells", "content": "Twelve", "is_nsfw": "on"})
    page = client.get("/f/maps/1/wells/").content.decode()
    assert "Twelve" in page
    assert "/f/maps/1/history/" in page
    for person in (cast.mod, cast.charlie):
        for deed in ("edit", "delete"):
            assert as_(person).get(f"/f/maps/1/{deed}/").status_code == 403
            assert as_(person).post(f"/f/maps/1/{deed}/", {"title": "x", "content": "x"}).status_code == 403
    assert "Delete this post?" in client.get("/f/maps/1/delete/").content.decode()
    client.post("/f/maps/1/delete/")
    assert Post.objects.get().deleted_at is not None
    assert client.get("/f/maps/1/edit/").status_code == 404


def test_the_history_is_for_who_may_read(cast: Cast, maps: Place) -> None:
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="All **twelve** of them.")
    page = Client().get("/f/maps/1/history/").content.decode()
    assert "<del>eleven</del>" in page
    assert "<ins>twelve</ins>" in page
    Post.objects.filter(pk=maps.post.pk).update(removed_at=timezone.now())
    assert [as_(each).get("/f/maps/1/history/").status_code for each in (cast.charlie, cast.bob)] == [404, 200]
    Post.objects.filter(pk=maps.post.pk).update(removed_at=None)
    delete_post(author=cast.bob, post_id=maps.post.pk)
    codes = [as_(each).get("/f/maps/1/history/").status_code for each in (cast.charlie, cast.bob, cast.mod)]
    assert codes == [404, 404, 200]
    assert "twelve" in as_(cast.mod).get("/f/maps/1/history/").content.decode()
    assert as_(cast.mod).get("/f/maps/1/history/?before=nonsense").status_code == 200


def test_a_post_once_more_shows_the_first_to_who_may_read_it(cast: Cast, maps: Place) -> None:
    make_forum(cast, slug="other")
    client = as_(cast.bob)
    typed = {"client_id": str(uuid4()), "address": "f/other", "title": "Look", "content": ""}
    assert client.post("/f/maps/1/cross/", typed)["Location"] == "/f/other/2/"
    page = Client().get("/f/other/2/look/").content.decode()
    assert "Fountains of the city" in page and "All eleven of them" in page
    Forum.objects.filter(pk=maps.forum.pk).update(is_nsfw=True)
    assert "All eleven of them" not in Client().get("/f/other/2/look/").content.decode(), "nobody asked the visitor"
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False, is_nsfw=False)
    for reader, sees in ((Client(), False), (as_(cast.charlie), False), (client, True)):
        assert ("Fountains of the city" in reader.get("/f/other/2/look/").content.decode()) is sees
    assert client.get("/f/maps/1/cross/").status_code == 403
    assert client.post("/f/other/1/cross/", typed | {"address": "f/nowhere"}).status_code == 400


def test_where_to_post(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    assert "/f/maps/submit/" in client.get("/forums/submit/").content.decode()
    assert client.post("/forums/submit/", {"address": "f/maps"})["Location"] == "/f/maps/submit/"
    assert client.post("/forums/submit/", {"address": "nowhere"}).status_code == 400


def test_the_pace_is_kept(cast: Cast, maps: Place, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    client = as_(cast.charlie)
    typed = written()
    for _number in range(20):
        client.post("/f/maps/submit/", written())
    assert Post.objects.filter(author=cast.charlie).count() == 20
    assert client.post("/f/maps/submit/", typed).status_code == 429
    first = Post.objects.filter(author=cast.charlie).first()
    sent_again = client.post("/f/maps/submit/", written(client_id=str(first.client_id)))  # type: ignore[union-attr]
    assert sent_again.status_code == 302


# for scripts


def test_scripts_see_the_text_as_it_will_be(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    told = client.post("/f/maps/preview/", {"content": "*x* <script>alert(1)</script> @alice"}).json()["html"]
    assert "<em>x</em>" in told
    assert "<script" not in told
    assert 'data-username="alice"' in told
    assert client.post("/f/maps/preview/", {"content": "x" * 50_000}).status_code == 400
    assert Client().post("/f/maps/preview/", {"content": "x"}).status_code in {302, 403}


def test_scripts_send_pictures_one_by_one(cast: Cast, maps: Place) -> None:
    client = as_(cast.bob)
    told = client.post("/forums/pictures/", {"file": picture()}).content.decode()
    upload = Upload.objects.get()
    assert f'name="picture" value="{upload.pk}"' in told
    for wrong in ({}, {"file": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")}):
        assert client.post("/forums/pictures/", wrong).status_code == 400
    assert as_(cast.charlie).post(f"/forums/pictures/{upload.pk}/remove/").status_code == 204
    assert Upload.objects.exists()
    assert client.post(f"/forums/pictures/{upload.pk}/remove/").status_code == 204
    assert not Upload.objects.exists()


def test_a_part_of_the_page(cast: Cast, maps: Place) -> None:
    part = as_(cast.charlie).get(URL, headers={"X-Fragment": "post"}).content.decode()
    assert "eleven" in part
    assert "<html" not in part


# hostile


TYPED = [text for text in XSS if "\0" not in text]


def complaints_of(html: str) -> list[str]:
    """What search engines read is no script that runs."""
    return [each for each in Page(html).complaints if "application/ld+json" not in each]


def test_nothing_hostile_comes_alive(cast: Cast, maps: Place) -> None:
    """In titles, texts, addresses, options and the words for pictures, on every page that shows them."""
    text = "\n\n".join(TYPED)
    numbers = []
    for at in range(0, len(TYPED), 10):
        some = TYPED[at : at + 10]
        title = next((each for each in some if len(each) < 290), "x") + "!"
        wish = PollWish([f"{number} {each}"[:150] for number, each in enumerate(some)])
        poll = create_post(
            author=cast.bob, forum_id=maps.forum.pk, title=title, content="\n\n".join(some), kind="poll", poll=wish
        )
        numbers.append(poll.number)
    upload = add_upload(author=cast.bob, upload=picture().read())
    images = [Picture(upload.pk, '"><script>alert(1)</script>')]
    shown = create_post(
        author=cast.bob, forum_id=maps.forum.pk, title=TYPED[0], content=text, kind="image", images=images
    )
    said = {"state": "ready", "title": TYPED[0], "description": TYPED[10], "site": '" onclick="alert(1)', "image": {}}
    link = create_post(
        author=cast.bob, forum_id=maps.forum.pk, title="L", kind="link", url="https://example.org/?q=%22%3E<script>"
    )
    Post.objects.filter(pk=link.pk).update(preview=said)
    edit_post(editor=cast.bob, post_id=shown.pk, content=TYPED[5], title=TYPED[1])
    Draft.objects.create(author=cast.bob, forum=maps.forum, title=TYPED[0], content=text)
    for client in (as_(cast.bob), Client()):
        for number in (*numbers, shown.number, link.number):
            assert complaints_of(client.get(f"/f/maps/{number}/", follow=True).content.decode()) == []
        assert Page(client.get(f"/f/maps/{shown.number}/history/").content.decode()).complaints == []
    mine = as_(cast.bob)
    for page in (f"/f/maps/{shown.number}/edit/", f"/f/maps/{link.number}/cross/", "/forums/drafts/"):
        assert Page(mine.get(page).content.decode()).complaints == []


@pytest.mark.parametrize("text", TYPED[::12])
def test_nor_in_what_comes_back_from_the_form(cast: Cast, maps: Place, text: str) -> None:
    client = as_(cast.bob)
    names = ("title", "content", "url", "client_id", "draft", "kind", "flair", "closes", "picture", "option")
    for deed in ("post", "preview", "kind:poll", "kind:link", text):
        answer = client.post("/f/maps/submit/", dict.fromkeys(names, text) | {"do": deed})
        assert Page(answer.content.decode()).complaints == []
    for query in ("title", "content", "url", "kind", "draft"):
        assert Page(client.get("/f/maps/submit/", {query: text}).content.decode()).complaints == []
    typed = {"address": text, "title": text, "content": text, "client_id": text, "forum": text}
    assert Page(client.post("/f/maps/1/cross/", typed).content.decode()).complaints == []
    assert Page(client.post("/forums/submit/", typed).content.decode()).complaints == []
