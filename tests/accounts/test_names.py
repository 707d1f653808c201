"""Usernames made from names in any script, reserved ones, and names that only look alike."""

import re

import pytest

from accounts.models.user import USERNAME
from accounts.names import ascii_words, guest_username, is_reserved, likeness, tidy_name


@pytest.mark.parametrize(
    "name", ["Zed", "Zoë Łęcka", "Жанна", "علي", "王小明", "🦊", "a" * 50, "x y  z", "--", "O'Neil"]
)
def test_a_guest_of_any_script_gets_a_username_that_fits(name: str) -> None:
    username = guest_username(name)
    assert USERNAME.fullmatch(username), username
    assert username.startswith("guest-")
    assert is_reserved(username), "nobody can register it for themselves"


def test_the_username_tells_of_the_name_where_it_can() -> None:
    assert re.fullmatch(r"guest-jorg-weiss-[0-9a-f]{4}", guest_username("Jörg Weiss"))
    assert re.fullmatch(r"guest-[0-9a-f]{4}", guest_username("王小明"))
    assert guest_username("Zed") != guest_username("Zed")


@pytest.mark.parametrize("name", ["admin", "ADMIN", "Everyone", "search", "guest-x", "Guest-bob"])
def test_some_usernames_are_kept(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["a", "alice", "guesthouse", "admin2", "_", "-"])
def test_others_are_free(name: str) -> None:
    assert not is_reserved(name)


def test_tidying_takes_what_cannot_be_seen_and_keeps_what_holds_letters_together() -> None:
    assert tidy_name("  Al\u202eice\u200b \t Moreau\n") == "Alice Moreau"
    assert tidy_name("👩\u200d🚀") == "👩\u200d🚀"
    assert tidy_name("نمی\u200cخواهم") == "نمی\u200cخواهم"
    assert tidy_name("\x00\x07") == ""


@pytest.mark.parametrize("nothing", ["", " ", "\u200d", "\u3164", "\u2800", "\u200b\u200c", "\u202e"])
def test_a_name_without_anything_to_see_has_no_likeness(nothing: str) -> None:
    assert likeness(nothing) == ""


def test_names_that_read_the_same_are_alike() -> None:
    assert likeness("ＡＬＩＣＥ") == likeness("alice") == likeness("Al\u200dice") == likeness(" alice ")
    assert likeness("alice") != likeness("alicia")


def test_words_of_a_username() -> None:
    assert ascii_words("Zoë  O'Neil_7") == "Zoe-O-Neil_7"
    assert ascii_words("Łukasz Øre-Groß") == "Lukasz-Ore-Gross"
    assert ascii_words("王") == ""
