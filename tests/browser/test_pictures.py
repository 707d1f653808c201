"""Pictures in browsers: choosing the part that is kept by mouse, keys, wheel and fingers; faces that change on open pages; the
card of a person by pointer, keyboard and finger."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from accounts.actions.pictures import change_picture, file_of, remove_picture
from accounts.actions.profile import update_profile
from accounts.models import User
from tests.axe import violations
from tests.browser.conftest import Room, enter
from tests.browser.steps import article, settled, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser
RED, GREEN, BLUE = (220, 30, 30), (30, 180, 30), (30, 30, 220)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def stripes(width: int = 900, height: int = 300) -> bytes:
    """Three squares side by side: red, green, blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 3, 0, 2 * width // 3, height))
    picture.paste(BLUE, (2 * width // 3, 0, width, height))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def upload(name: str = "me.png", content: bytes | None = None, kind: str = "image/png") -> Any:
    return {"name": name, "mimeType": kind, "buffer": stripes() if content is None else content}


def settings_of(sit: Room, person: User, **options: Any) -> Page:
    page = sit(person, **options)
    page.goto("/settings/profile/")
    return page


def choose(page: Page, file: Any = None) -> Locator:
    """Choose a file; the dialog that opens."""
    page.locator("#id_picture").set_input_files(upload() if file is None else file)
    dialog = page.get_by_role("dialog", name="Which part of it?")
    expect(dialog).to_be_visible()
    return dialog


def use(page: Page) -> None:
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("dialog", name="Which part of it?")).to_be_hidden()
    expect(page.locator("picture-crop .avatar img")).to_be_visible()


def colours(person: User) -> list[str]:
    """What is seen at the left edge, the middle and the right edge of the largest file."""
    key = User.objects.get(pk=person.pk).avatar
    with default_storage.open(file_of(key, 512)) as file:
        picture = Image.open(BytesIO(file.read())).convert("RGB")
    names = ("red", "green", "blue")
    found = []
    for at in (12, 256, 500):
        pixel = picture.getpixel((at, 256))
        assert isinstance(pixel, tuple)
        found.append(names[pixel.index(max(pixel))])
    return found


def test_the_middle_is_kept_when_nothing_is_moved(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice)
    choose(page)
    use(page)
    assert colours(cast.alice) == ["green"] * 3
    expect(page.locator(".rail .avatar img")).to_be_visible()
    expect(page.get_by_role("button", name="Remove the picture")).to_be_visible()
    expect(page.locator("toast-region")).to_contain_text("This is your picture now.")


def test_a_mouse_moves_and_zooms(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice)
    box = choose(page).locator(".crop__stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + 100, steps=4)
    page.mouse.up()
    use(page)
    assert colours(cast.alice)[0::2] == ["red", "green"], "half a picture further"
    choose(page)
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    for _each in range(5):
        page.mouse.wheel(0, -300)
    for _each in range(2):
        page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2, steps=4)
        page.mouse.up()
    use(page)
    assert colours(cast.alice) == ["red"] * 3


def test_keys_move_and_zoom(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice)
    dialog = choose(page)
    expect(dialog.locator(".crop__stage")).to_be_focused()
    for _each in range(8):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Tab")
    slider = dialog.get_by_role("slider", name="Zoom")
    expect(slider).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Use this picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#id_picture")).to_be_focused()
    assert colours(cast.alice) == ["blue"] * 3


def test_two_fingers_zoom(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice, has_touch=True, viewport={"width": 390, "height": 844})
    dialog = choose(page)
    box = dialog.locator(".crop__stage").bounding_box()
    assert box is not None
    devtools = page.context.new_cdp_session(page)
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind, apart in (("touchStart", 20), ("touchMove", 60), ("touchMove", 120)):
        points = [{"x": middle["x"] - apart, "y": middle["y"]}, {"x": middle["x"] + apart, "y": middle["y"]}]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert float(dialog.get_by_role("slider").input_value()) > 10
    devtools.detach()


def test_a_picture_can_be_pasted_and_dropped(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice)
    for event, field in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        page.evaluate(
            """([event, field, bytes]) => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([new Uint8Array(bytes)], "me.png", { type: "image/png" }));
                const Kind = event === "paste" ? ClipboardEvent : DragEvent;
                document.body.dispatchEvent(new Kind(event, { [field]: transfer, bubbles: true, cancelable: true }));
            }""",
            [event, field, list(stripes())],
        )
        expect(page.get_by_role("dialog", name="Which part of it?")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Which part of it?")).to_be_hidden()
    assert User.objects.get(pk=cast.alice.pk).avatar == ""


def test_what_is_wrong_is_said_where_one_looks(sit: Room, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sit.forgiven.append("status of 4")
    page = settings_of(sit, cast.alice)
    page.locator("#id_picture").set_input_files(upload("me.png", b"no picture at all"))
    expect(page.locator("picture-crop form [data-error]")).to_have_text("This file could not be read as a picture.")
    expect(page.get_by_role("dialog", name="Which part of it?")).to_be_hidden()
    monkeypatch.setattr("accounts.actions.pictures.PER_HOUR", 0)
    dialog = choose(page)
    page.get_by_role("button", name="Use this picture").click()
    expect(dialog.get_by_role("alert")).to_contain_text("too fast")
    expect(dialog).to_be_visible()


def test_what_is_too_large_goes_as_the_square_alone(sit: Room, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.templatetags.pictures.BYTES_MAX", 100)
    page = settings_of(sit, cast.alice)
    choose(page)
    use(page)
    assert colours(cast.alice) == ["green"] * 3


def test_without_scripts_the_field_is_enough(sit: Room, cast: Cast) -> None:
    page = settings_of(sit, cast.alice, java_script_enabled=False)
    page.locator("#id_picture").set_input_files(upload())
    page.get_by_role("button", name="Use this picture").first.click()
    expect(page.locator("picture-crop .avatar img")).to_be_visible()
    assert colours(cast.alice) == ["green"] * 3
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("picture-crop .avatar img")).to_have_count(0)
    page.locator("#id_picture").set_input_files(upload(content=b"no picture"))
    page.get_by_role("button", name="Use this picture").first.click()
    expect(page.locator(".toast")).to_contain_text("not a picture")


def test_a_new_face_and_name_show_on_open_pages(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    write(alice, "Hello")
    settled(bob, "Hello")
    # The first message of a direct conversation lists it: that list must be here.
    expect(bob.locator("conversation-list a.place[aria-current]")).to_contain_text("Hello")
    bob.wait_for_load_state("networkidle")
    theirs = bob.locator(f'[data-avatar="{cast.alice.pk}"]')
    expect(theirs.locator("img")).to_have_count(0)
    shown = theirs.count()
    assert shown >= 4, "message, side bar, head, details"
    change_picture(person=cast.alice, upload=stripes())
    expect(theirs.locator("img")).to_have_count(shown)
    expect(alice.locator(".rail .avatar img")).to_be_visible()
    update_profile(person=cast.alice, display_name="Alice the Second")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Alice the Second")
    expect(bob.locator("conversation-list a.place[aria-current] .place__name")).to_have_text("Alice the Second")
    expect(article(bob, "Hello").locator(".message__sender")).to_have_text("Alice the Second")
    remove_picture(person=cast.alice)
    expect(theirs.locator("img")).to_have_count(0)
    expect(theirs.first).to_have_text("AS")


def test_a_new_message_brings_the_face_with_it(sit: Room, cast: Cast) -> None:
    change_picture(person=cast.alice, upload=stripes())
    alice, bob = sit.at(cast.alice, cast.group), sit.at(cast.bob, cast.group)
    write(alice, "With a face")
    for page in (alice, bob):
        settled(page, "With a face")
        expect(article(page, "With a face").locator(".avatar img")).to_be_visible()
    bob.locator(".talk message-composer textarea").press_sequentially("@ali")
    expect(bob.get_by_role("option", name="Alice").locator(".avatar img")).to_be_visible()


def card_of(page: Page) -> Locator:
    return page.locator("person-card")


def test_pointing_at_a_name_shows_the_card(sit: Room, cast: Cast) -> None:
    say(cast.bob, cast.group, "Hello")
    alice = sit.at(cast.alice, cast.group)
    message = article(alice, "Hello")
    message.locator(".message__sender").hover()
    card = card_of(alice)
    expect(card).to_be_visible()
    expect(card).to_have_accessible_name("Bob")
    expect(card).to_contain_text("@bob")
    card.locator(".person-card__name").hover()
    expect(card).to_be_visible()
    alice.mouse.move(640, 780)
    expect(card).to_be_hidden()
    message.locator(".avatar").hover()
    expect(card).to_be_visible()
    alice.keyboard.press("Escape")
    expect(card).to_be_hidden()
    alice.mouse.move(640, 780)
    alice.locator("member-list a.person", has_text="Mod").hover()
    expect(card).to_contain_text("@mod")
    card.get_by_role("button", name="Add contact").click()
    alice.wait_for_url(f"**/c/{cast.group.pk}/")
    expect(alice.locator(".toast")).to_contain_text("Mod")


def test_the_keyboard_reaches_the_card(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.group)
    link = alice.locator("member-list a.person", has_text="Bob")
    link.focus()
    alice.keyboard.press("Shift+Tab")
    alice.keyboard.press("Tab")
    expect(link).to_be_focused()
    card = card_of(alice)
    expect(card).to_be_visible()
    alice.keyboard.press("Tab")
    expect(card.locator(".person-card__name")).to_be_focused()
    alice.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Message")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(link).to_be_focused()


def test_a_finger_held_on_a_name_shows_the_card(sit: Room, cast: Cast) -> None:
    say(cast.bob, cast.group, "Hello")
    alice = sit.at(cast.alice, cast.group, has_touch=True, viewport={"width": 390, "height": 844})
    box = article(alice, "Hello").locator(".avatar").bounding_box()
    assert box is not None
    devtools = alice.context.new_cdp_session(alice)
    point = {"x": box["x"] + 10, "y": box["y"] + 8}
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(card_of(alice)).to_be_visible()
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(card_of(alice)).to_be_visible()
    assert alice.url.endswith(f"/c/{cast.group.pk}/")
    alice.touchscreen.tap(200, 790)
    expect(card_of(alice)).to_be_hidden()
    devtools.detach()


SCREENS: dict[str, Any] = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@pytest.mark.parametrize(
    ("screen", "theme", "language"),
    [("desk", "light", "en"), ("phone", "dark", "en"), ("desk", "dark", "ar"), ("phone", "light", "ar")],
)
def test_every_page_with_a_face_is_accessible_and_fits(
    sit: Room, cast: Cast, screen: str, theme: Any, language: str
) -> None:
    words = {"display_name": "Bartholomäus" + "von" * 22, "bio": "Maps.\n\n" + "w" * 300, "status_text": "x" * 120}
    User.objects.filter(pk=cast.bob.pk).update(
        **words, privacy={"email": "everyone", "phone": "everyone"}, phone="+49 30 1"
    )
    change_picture(person=cast.bob, upload=stripes())
    say(cast.bob, cast.group, "Hello")
    page = sit(cast.alice, viewport=SCREENS[screen], color_scheme=theme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": sit.site.url}])
    for path in ("/people/bob/", "/people/alice/", "/settings/profile/"):
        page.goto(path)
        check(page, path)
    choose_any(page)
    check(page, "crop")
    enter(page, cast.group)
    page.locator("article .avatar").first.hover()
    expect(card_of(page)).to_be_visible()
    check(page, "card")


def choose_any(page: Page) -> None:
    page.locator("#id_picture").set_input_files(upload())
    expect(page.locator("dialog.crop")).to_be_visible()


def check(page: Page, name: str) -> None:
    """Nothing for axe, and nothing that makes the page scroll sideways."""
    # What fades in is measured once it is there.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))")
    found = violations(page)
    assert not found, (name, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"
