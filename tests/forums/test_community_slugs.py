"""Addresses of forums: of every script, one script each, reserved, moved; and what a name suggests."""

import pytest
from django.test import Client

from chatter.core.errors import Refused
from forums.actions.forum import create_forum, is_free, move_forum
from forums.models import FormerSlug, Forum
from forums.slugs import MAX, RESERVED, checked_slug, suggested
from tests.cast import Cast
from tests.forums.cast import Place


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        *(("Maps", "maps"), ("  old   maps ", "old-maps"), ("old_maps", "old-maps"), ("-maps-", "maps")),
        *(("Straße", "strasse"), ("ŁÓDŹ", "łódź"), ("Ελλάδα", "ελλάδα"), ("Кириллица", "кириллица")),
        *(("العربية", "العربية"), ("עברית", "עברית"), ("हिन्दी", "हिन्दी"), ("日本語カタカナ", "日本語カタカナ"), ("한국어", "한국어")),
        *(("ไทย", "ไทย"), ("தமிழ்", "தமிழ்"), ("ქართული", "ქართული"), ("ｍａｐｓ", "maps"), ("maps٤٢", "maps42")),
    ],
)  # fmt: skip
def test_addresses_of_every_script_are_kept_in_one_form(raw: str, kept: str) -> None:
    assert checked_slug(raw) == kept
    assert checked_slug(kept) == kept


@pytest.mark.parametrize(
    "raw",
    [
        *("", "a", "-", "--", "12", "a" * (MAX + 1), "maps/new", "maps?x", "maps#", "a.b", "a b\x00c!", "../etc"),
        *("mаps", "gооgle", "παypal", "раурас", "оса", "ѕсоре", "mapѕ"),
        *("<script>", "a'b", "emoji😀", "a\u202eb!", "ze\u0338\u0338\u0338\u0338o", "\u0301abc!"),
        *(sorted(RESERVED)[:3]),
        *("Vote", "NEW", "ｎｅｗ", "settings"),
    ],
)
def test_what_misleads_is_no_address(raw: str) -> None:
    with pytest.raises(Refused):
        checked_slug(raw)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        *(("Open Atlas!", "open-atlas"), ("Cartography & old maps", "cartography-old-maps"), ("Книги и карты", "книги-и-карты")),
        *(("地図の会", "地図の会"), ("Café 42", "café-42"), ("New", ""), ("😀😀", ""), ("42", ""), ("Maps карты", "maps")),
    ],
)  # fmt: skip
def test_a_name_suggests_an_address(name: str, slug: str) -> None:
    assert suggested(name) == slug


@pytest.mark.parametrize("name", ["x" * 400, "\0", "\ud800", "a\u0301" * 80, "\u202e" * 9, "-" * 90])
def test_whatever_the_name_what_is_suggested_can_be_had(name: str) -> None:
    slug = suggested(name)
    assert slug == "" or checked_slug(slug) == slug


@pytest.mark.django_db
def test_addresses_are_taken_once_whatever_their_case(cast: Cast, maps: Place) -> None:
    for slug in ("maps", "Maps", "ＭＡＰＳ", " maps "):
        with pytest.raises(Refused, match="taken"):
            create_forum(owner=cast.bob, name="Other", slug=slug)
    assert Forum.objects.count() == 1


@pytest.mark.django_db
def test_a_forum_moves_and_nobody_else_takes_what_it_had(cast: Cast, maps: Place) -> None:
    key = maps.forum.pk
    move_forum(actor=cast.alice, forum_id=key, slug="Charts")
    assert (Forum.objects.get().slug, is_free("maps"), is_free("charts")) == ("charts", False, False)
    with pytest.raises(Refused, match="taken"):
        create_forum(owner=cast.bob, name="Maps", slug="maps")
    move_forum(actor=cast.alice, forum_id=key, slug="maps")
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["charts"]


@pytest.mark.django_db
def test_only_who_looks_after_the_forum_moves_it(cast: Cast, maps: Place) -> None:
    for person in (cast.bob, cast.mod, cast.charlie):
        with pytest.raises(Refused):
            move_forum(actor=person, forum_id=maps.forum.pk, slug="mine")
    assert Forum.objects.get().slug == "maps"


@pytest.mark.django_db
def test_former_and_otherwise_written_addresses_lead_to_the_present_one(
    client: Client, cast: Cast, maps: Place
) -> None:
    move_forum(actor=cast.alice, forum_id=maps.forum.pk, slug="atlas")
    for written in ("maps", "Maps", "ATLAS"):
        answer = client.get(f"/f/{written}/about/?x=1")
        assert (answer.status_code, answer["Location"]) == (301, "/f/atlas/about/?x=1")
        assert "no-cache" in answer["Cache-Control"], "it may move back"
    assert client.get("/f/nowhere/about/").status_code == 404
    assert client.post("/f/maps/join/").status_code in {302, 403, 404}, "only what is read is led on"


@pytest.mark.django_db
def test_former_addresses_of_a_private_forum_tell_nothing(client: Client, cast: Cast, maps: Place) -> None:
    move_forum(actor=cast.alice, forum_id=maps.forum.pk, slug="atlas")
    Forum.objects.update(is_public=False)
    client.force_login(cast.charlie)
    for written in ("maps", "atlas", "Atlas", "nowhere"):
        assert client.get(f"/f/{written}/about/").status_code == 404
    client.force_login(cast.bob)
    assert client.get("/f/maps/about/").status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["%00", "a%00b", "x" * 300, "..", "%2e%2e", "🗺", "-"])
def test_strange_addresses_are_not_found(client: Client, cast: Cast, maps: Place, slug: str) -> None:
    assert client.get(f"/f/{slug}/about/").status_code in {301, 404}
    assert client.get(f"/f/{slug}/feed.atom").status_code == 404
    assert client.get(f"/post-image/{slug}/640/").status_code == 404
    client.force_login(cast.bob)
    assert client.get(f"/f/{slug}/follow/").status_code == 404
