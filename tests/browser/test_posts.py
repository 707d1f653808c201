"""Posts in the browser: each kind written as people do, drafts that keep themselves, a poll whose bars move for everybody."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from forums.actions.polls import cast_ballot
from forums.actions.posts import Picture, PollWish, create_post
from forums.actions.posts_change import edit_post
from forums.actions.uploads import add_upload
from forums.models import Draft, LinkLook, PollOption, Post, PostImage
from forums.previews import look_at
from tests.axe import violations
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.forums.cast import Place, make_forum

READY = "html[data-connection=ready]"
# What is asked over one socket is answered in order: after this the page hears of the post.
WATCHES = """async () => {
  const { socket } = await import(document.querySelector("script[src*='js/main']").src.replace(/main[^/]*$/, "socket.js"));
  while (!socket.ready) await new Promise(requestAnimationFrame);
  await socket.request("post.watch", { post: document.querySelector("post-page").dataset.post });
}"""


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def maps(cast: Cast) -> Place:
    return make_forum(cast)


def picture(name: str, colour: str) -> FilePayload:
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def form(page: Page, kind: str) -> Page:
    page.goto(f"/f/maps/submit/?kind={kind}")
    expect(page.locator(READY)).to_be_attached()
    return page


def send(page: Page) -> None:
    page.locator("post-form").get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#post")).to_be_visible()


def test_a_text_is_seen_before_and_kept_while_it_is_written(sit: Room, cast: Cast, maps: Place) -> None:
    page = form(sit(cast.bob), "text")
    page.get_by_label("Title").fill("Wells of the city")
    area = page.get_by_label("Text", exact=True)
    area.fill("nine")
    area.select_text()
    page.get_by_role("button", name="Bold").click()
    expect(page.locator("[data-preview-text] strong")).to_have_text("nine")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.goto("/forums/drafts/")
    page.get_by_role("link", name="Wells of the city").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("**nine**")
    send(page)
    expect(page).to_have_url(re.compile("/f/maps/2/wells-of-the-city/$"))
    expect(page.locator("#post strong")).to_have_text("nine")
    assert not Draft.objects.exists()


def test_a_link_brings_the_title_of_its_page(sit: Room, cast: Cast, maps: Place) -> None:
    look = look_at("https://rosearchive.example/compass", cast.bob)
    LinkLook.objects.filter(pk=look.pk).update(is_done=True, found={"title": "The compass rose"})
    page = form(sit(cast.bob), "link")
    page.get_by_label("Address").fill("https://rosearchive.example/compass")
    page.get_by_label("Title").focus()
    expect(page.get_by_label("Title")).to_have_value("The compass rose")
    send(page)
    expect(page.locator(".preview")).to_contain_text("rosearchive.example")


def test_pictures_come_one_by_one_and_change_places(sit: Room, cast: Cast, maps: Place) -> None:
    page = form(sit(cast.bob), "image")
    page.get_by_label("Title").fill("Three sheets")
    page.locator("#id_files").set_input_files([picture("red.png", "red"), picture("blue.png", "blue")])
    lines = page.locator("[data-picture]")
    expect(lines).to_have_count(2)
    page.locator("#id_files").set_input_files([picture("green.png", "green")])
    expect(lines).to_have_count(3)
    keys = [line.get_attribute("data-picture") for line in lines.all()]
    lines.nth(2).get_by_role("button", name="Earlier").click()
    lines.nth(0).get_by_role("button", name="Remove").click()
    expect(lines).to_have_count(2)
    assert [line.get_attribute("data-picture") for line in lines.all()] == [keys[2], keys[1]]
    lines.nth(0).get_by_label("What does it show?").fill("A green sheet")
    send(page)
    expect(page.locator(".gallery img")).to_have_count(2)
    expect(page.locator(".gallery img").first).to_have_attribute("alt", "A green sheet")
    assert PostImage.objects.count() == 2


def test_a_poll_moves_for_everybody(sit: Room, cast: Cast, maps: Place) -> None:
    page = form(sit(cast.bob), "poll")
    page.get_by_label("Title").fill("Which projection?")
    page.get_by_label("Option 1").fill("Robinson")
    page.get_by_label("Option 2").fill("Equal Earth")
    page.get_by_role("button", name="Another option").click()
    page.get_by_label("Option 3").fill("None")
    send(page)
    lines = page.locator("poll-box [data-option]")
    expect(lines).to_have_count(3)
    page.evaluate(WATCHES)
    post = Post.objects.get(kind="poll")
    robinson = PollOption.objects.get(poll=post.pk, position=0)
    page.get_by_label("Equal Earth").check()
    page.locator("poll-box").get_by_role("button", name="Vote").click()
    expect(lines.nth(1).locator("[data-share]")).to_have_text("100 %")
    cast_ballot(person=cast.charlie, post_id=post.pk, options=[robinson.pk])
    expect(lines.nth(0).locator("[data-share]")).to_have_text("50 %")
    expect(page.locator("[data-voters]")).to_have_text("2 people voted")
    page.get_by_role("button", name="Take my vote back").click()
    expect(page.locator("[data-voters]")).to_have_text("1 person voted")


def test_an_open_post_shows_what_its_author_changed(sit: Room, cast: Cast, maps: Place) -> None:
    page = sit(cast.charlie)
    page.goto("/f/maps/1/")
    page.evaluate(WATCHES)
    expect(page.locator("#post")).to_contain_text("eleven")
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="All twelve of them.")
    expect(page.locator("#post")).to_contain_text("twelve")


def test_without_scripts_pictures_stay_when_something_is_wrong(sit: Room, cast: Cast, maps: Place) -> None:
    page = sit(cast.bob, java_script_enabled=False)
    page.goto("/f/maps/submit/?kind=image")
    page.locator("#id_files").set_input_files([picture("red.png", "red"), picture("blue.png", "blue")])
    page.get_by_role("button", name="Add the chosen pictures").click()
    expect(page.locator("[data-picture]")).to_have_count(2)
    page.locator("[data-picture]").nth(1).get_by_role("button", name="Earlier").click()
    page.get_by_label("Title").fill("Two sheets")
    page.locator("post-form").get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".gallery img")).to_have_count(2)


def test_nothing_is_wrong_with_the_pages_for_axe(sit: Room, cast: Cast, maps: Place) -> None:
    upload = add_upload(author=cast.bob, upload=picture("red.png", "red")["buffer"])
    poll = PollWish(["Yes", "No"])
    create_post(author=cast.bob, forum_id=maps.forum.pk, title="P", kind="poll", poll=poll, is_spoiler=True)
    create_post(author=cast.bob, forum_id=maps.forum.pk, title="I", kind="image", images=[Picture(upload.pk, "Red")])
    create_post(author=cast.bob, forum_id=maps.forum.pk, title="L", kind="link", url="https://example.org/")
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="All twelve of them.")
    page = sit(cast.bob)
    for at in ("2/", "3/", "4/", "1/edit/", "1/history/", "1/cross/", "submit/?kind=poll", "submit/?kind=image"):
        page.goto(f"/f/maps/{at}")
        for cover in page.locator(".cover > summary").all():
            cover.click()
        assert violations(page) == [], at
