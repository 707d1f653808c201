"""What linked pages say of themselves: fetched by the worker, kept where it is still waited for."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from chatter.core.link_preview import NoPreview, Preview
from chatter.ops.worker import Worker
from forums import previews
from forums.actions.posts import create_post
from forums.actions.posts_change import delete_post
from forums.models import LinkLook, Post, PostImage
from forums.previews import LOOKS_PER_TEN_MINUTES, fetch_look, fetch_preview, look_at
from tests.cast import Cast
from tests.forums.cast import Place
from tests.forums.counting import refuses

pytestmark = pytest.mark.django_db
ROSE = "https://www.rosearchive.example/compass"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def link(place: Place, author: Any) -> Post:
    return create_post(author=author, forum_id=place.forum.pk, title="Rose", kind="link", url=ROSE)


def says(monkeypatch: pytest.MonkeyPatch, found: Preview | NoPreview, image: bytes | NoPreview | None = None) -> None:
    def answer(given: Any) -> Any:
        if isinstance(given, NoPreview):
            raise given
        return given

    monkeypatch.setattr(previews, "preview_of", lambda _url: answer(found))
    monkeypatch.setattr(previews, "picture_of", lambda _url: answer(image))


def page(image_url: str = "") -> Preview:
    return Preview(ROSE, "The compass rose", "Thirty-two winds", "Rose Archive", image_url)


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (90, 60), (30, 30, 200)).save(out, "PNG")
    return out.getvalue()


def fetched(post: Post) -> dict[str, Any]:
    fetch_preview.func(str(post.pk))
    preview: dict[str, Any] = Post.objects.get(pk=post.pk).preview
    return preview


def test_a_link_waits_for_the_worker(cast: Cast, maps: Place) -> None:
    post = Post.objects.get(pk=link(maps, cast.bob).pk)
    assert post.preview == {"state": "waiting"}
    shown = Client().get(f"/f/maps/{post.number}/rose/").content.decode()
    assert "rosearchive.example" in shown


def test_what_the_page_says_is_shown(cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    post = link(maps, cast.bob)
    says(monkeypatch, page("https://www.rosearchive.example/rose.png"), png())
    preview = fetched(post)
    image = PostImage.objects.get(post=post)
    assert (preview["state"], preview["title"], preview["site"]) == ("ready", "The compass rose", "Rose Archive")
    assert preview["image"] == {"key": image.key, "width": 90, "height": 60}
    shown = Client().get(f"/f/maps/{post.number}/rose/").content.decode()
    assert "Thirty-two winds" in shown
    assert f"/post-image/{image.key}/640/" in shown
    assert "rose.png" not in shown
    assert Client().get(f"/post-image/{image.key}/640/").status_code == 200
    fetched(post)
    assert PostImage.objects.count() == 1


@pytest.mark.parametrize("image", [NoPreview("away", again=True), b"<svg onload=alert(1)>", b""])
def test_a_picture_that_cannot_be_had_is_left_out(
    cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch, image: Any
) -> None:
    post = link(maps, cast.bob)
    says(monkeypatch, page("https://x.example/i"), image)
    assert fetched(post)["image"] == {}
    assert not PostImage.objects.exists()


def test_a_page_that_is_away_is_asked_again_for_a_while(
    cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = link(maps, cast.bob)
    says(monkeypatch, NoPreview("away", again=True))
    with pytest.raises(NoPreview):
        fetched(post)
    assert Post.objects.get(pk=post.pk).preview == {"state": "waiting"}
    Post.objects.filter(pk=post.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert fetched(post) == {"state": "failed"}


def test_a_page_that_says_nothing_is_asked_once(cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    post = link(maps, cast.bob)
    says(monkeypatch, NoPreview("no page", again=False))
    assert fetched(post) == {"state": "failed"}
    says(monkeypatch, page())
    assert fetched(post) == {"state": "failed"}


def test_nothing_comes_to_a_post_that_is_gone(
    cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    post = link(maps, cast.bob)

    def deletes(_url: str) -> Preview:
        delete_post(author=cast.bob, post_id=post.pk)
        return page("https://x.example/i")

    says(monkeypatch, page(), png())
    monkeypatch.setattr(previews, "preview_of", deletes)
    assert fetched(post) == {}
    assert not PostImage.objects.exists()
    assert not list(folder.rglob("*.webp"))


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_it(cast: Cast, maps: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, page())
    post = link(maps, cast.bob)
    Worker().run_once()
    assert Post.objects.get(pk=post.pk).preview["title"] == "The compass rose"


def test_a_title_is_suggested(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(cast.bob)
    assert client.post("/forums/link/", {"url": ROSE}).json() == {"is_done": False, "title": ""}
    says(monkeypatch, page())
    fetch_look.func(LinkLook.objects.get().digest)
    assert client.post("/forums/link/", {"url": ROSE}).json() == {"is_done": True, "title": "The compass rose"}
    for wrong in ("javascript:alert(1)", "", "https://a:b@example.org/", "x" * 3000):
        assert client.post("/forums/link/", {"url": wrong}).status_code == 400
    assert LinkLook.objects.count() == 1


def test_a_look_grows_old(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    look = look_at(ROSE, cast.bob)
    says(monkeypatch, NoPreview("away", again=True))
    fetch_look.func(look.digest)
    assert look_at(ROSE, cast.bob).is_done
    LinkLook.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert not look_at(ROSE, cast.bob).is_done


def test_nobody_sends_the_worker_to_many_pages(cast: Cast, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    for number in range(LOOKS_PER_TEN_MINUTES):
        look_at(f"https://example.org/{number}", cast.bob)
    for _time in range(3):
        assert look_at("https://example.org/1", cast.bob)
    with refuses("rate_limited"):
        look_at("https://example.org/new", cast.bob)
    assert LinkLook.objects.count() == LOOKS_PER_TEN_MINUTES
