"""What holds for every page: the strict policy, the frame, the theme, and what is shown when something is wrong."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client
from django.views.defaults import server_error

from chatter.templatetags.page import STYLES
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf
from tests.chat_pages.reading import Page

TEMPLATES = Path(settings.BASE_DIR) / "templates"


@pytest.fixture
def addresses(cast: Cast) -> list[str]:
    sent = say(cast.alice, cast.group, "hello")
    base = f"/c/{cast.group.pk}/"
    parts = [
        "",
        "pins/",
        "members/",
        "settings/",
        "add/",
        "leave/",
        f"remove/?person={cast.bob.pk}",
        f"transfer/?person={cast.bob.pk}",
    ]
    deeds = ["", "edit/", "delete/", "history/", "thread/"]
    return [
        *("/", "/new/", "/new/?q=b", "/new/group/", "/people/search/?q=b", "/c/nowhere/", f"{base}?at=x"),
        *(base + part for part in parts),
        *(f"{base}m/{sent.number}/{deed}" for deed in deeds),
    ]


def test_the_policy_is_strict(cast: Cast, client_of: ClientOf, addresses: list[str]) -> None:
    client = client_of(cast.alice)
    for address in addresses:
        policy = client.get(address)["Content-Security-Policy"]
        assert "script-src 'self';" in f"{policy};" and "style-src 'self';" in f"{policy};", address
        assert "unsafe" not in policy and "nonce" not in policy, address


def test_the_frame_is_whole(cast: Cast, client_of: ClientOf, addresses: list[str]) -> None:
    """One main part, one first heading, a way past the frame, a title, ids that never repeat, labels on all fields."""
    client = client_of(cast.alice)
    for address in addresses:
        page = Page(client.get(address).content.decode())
        assert page.complaints == [], address
        ids = [given["id"] for _tag, given in page.tags if "id" in given]
        assert len(ids) == len(set(ids)), f"{address}: {sorted(key for key in ids if ids.count(key) > 1)}"
        assert len(page.all("main")) == 1 and page.all("main")[0]["id"] == "main", address
        assert len(page.all("h1")) == 1, address
        assert page.all("a", href="#main"), address
        assert page.all("html")[0]["lang"] == "en" and page.all("html")[0]["dir"] == "ltr"
        assert page.all("input", name="csrfmiddlewaretoken"), address
        assert page.all("script", type="application/json", id_="labels"), address


def test_no_template_styles_or_scripts_in_place() -> None:
    for path in sorted(TEMPLATES.rglob("*.html")):
        if "email" in path.parts:
            continue
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", text), path


def test_every_style_sheet_is_there_and_linked() -> None:
    there = {path.stem for path in (Path(settings.BASE_DIR) / "static/css").glob("*.css")}
    # The page for no connection brings its own, which the service worker keeps.
    assert set(STYLES) | {"offline"} == there
    for name in re.findall(r'/static/([^"]+)"', render_to_string("500.html")):
        assert finders.find(name), name


def test_every_icon_is_in_the_sprite() -> None:
    found = finders.find("vendor/lucide/sprite.svg")
    assert isinstance(found, str)
    there = set(re.findall(r'<symbol id="([\w-]+)"', Path(found).read_text("utf-8")))
    for path in TEMPLATES.rglob("*.html"):
        used = set(re.findall(r'{% icon "([\w-]+)"', path.read_text("utf-8")))
        assert used <= there, f"{path}: {used - there}"


def test_styles_know_no_left_and_right() -> None:
    physical = re.compile(
        r"(?<![\w-])(?:margin|padding|border|inset)?-?(?:left|right)\s*:|text-align:\s*(?:left|right)"
    )
    for path in (Path(settings.BASE_DIR) / "static/css").glob("*.css"):
        assert not physical.search(path.read_text("utf-8")), path


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", "dark"), ("light", "light"), ("system", None), ('x"y', None)]
)
def test_the_theme_is_kept(client: Client, db: None, theme: str, attribute: str | None) -> None:
    client.post("/theme/", {"theme": theme})
    [html] = Page(client.get("/").content.decode()).all("html")
    assert html.get("data-theme") == attribute
    client.post("/theme/", {"theme": "system"})
    assert "data-theme" not in Page(client.get("/").content.decode()).all("html")[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://testserver/c/x/?at=1", "http://testserver/c/x/?at=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_theme_form_leads_back_here_and_nowhere_else(client: Client, before: str, after: str) -> None:
    assert client.post("/theme/", {"theme": "dark"}, headers={"Referer": before})["Location"] == after


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_logging_in_leads_nowhere_else(cast: Cast, client: Client, target: str) -> None:
    typed = {"login": "alice", "password": "secret-of-alice", "next": target}
    answer = client.post("/accounts/login/", typed)
    assert answer.status_code == 302 and answer["Location"] == "/"


def test_what_is_not_there_and_what_is_not_ours_look_alike(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.charlie)
    one, two = client.get("/no/such/page/"), client.get(f"/c/{cast.group.pk}/")
    assert one.status_code == two.status_code == 404
    assert Page(one.content.decode()).text == Page(two.content.decode()).text


def test_scripts_get_refusals_as_json(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.charlie).get(f"/c/{cast.group.pk}/", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "not_found", "message": "This does not exist, or you may not see it."}}


def test_a_broken_page_needs_nothing_that_may_be_broken(rf) -> None:
    answer = server_error(rf.get("/"))
    page = Page(answer.content.decode())
    assert answer.status_code == 500
    assert "Something broke on our side" in page.text and page.complaints == []


def test_the_person_in_the_frame_is_the_one_who_reads(cast: Cast, client_of: ClientOf) -> None:
    alice, bob = (client_of(person).get(f"/c/{cast.group.pk}/").content.decode() for person in (cast.alice, cast.bob))
    assert 'href="/people/alice/">' in alice and "@alice" in alice and "@bob</small>" not in alice
    assert "@bob" in bob


def test_a_remembered_frame_has_each_request_s_own_token(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    first, second = (Page(client.get("/").content.decode()) for _ in range(2))
    tokens = [{field["value"] for field in page.all("input", name="csrfmiddlewaretoken")} for page in (first, second)]
    assert all(len(token) == 64 for page in tokens for token in page)
    assert tokens[0] != tokens[1]
