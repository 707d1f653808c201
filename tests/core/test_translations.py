"""Every language offered says what English says: nearly all of it, with the same things filled in, compiled as written."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# A new sentence may wait a little for its translations; half a page in another language may not.
TRANSLATED = 0.97
CONTEXT = "\x04"
# Functions that mark words, and which of their arguments make the key.
MARKS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 1, "pgettext": 2, "pgettext_lazy": 2, "npgettext": 2}
HOLES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TEXT = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b({'|'.join(MARKS)})\(\s*{TEXT}(?:\s*,\s*{TEXT})?")
LINES = r'((?:".*"\n)+)'
ENTRY = re.compile(
    rf"^(?:msgctxt {LINES})?msgid {LINES}(?:msgid_plural {LINES})?msgstr(?:\[0\])? {LINES}", re.MULTILINE
)


def folder(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES"


def compiled(language: str) -> dict[str, list[str]]:
    """What is compiled: key (behind its context, if any) → translation, or its plural forms."""
    with (folder(language) / "django.mo").open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # the library offers no other way
    found: dict[str, list[str]] = {}
    for key, text in entries.items():
        found.setdefault(key if isinstance(key, str) else key[0], []).append(text)
    return {key: texts for key, texts in found.items() if key}


def written(language: str) -> dict[str, str]:
    """What people wrote: key → translation, or its first plural form; only what is translated."""
    source = (folder(language) / "django.po").read_text(encoding="utf-8")
    entries = {}
    for context, key, _plural, text in ENTRY.findall(source):
        entries[(joined(context) + CONTEXT if context else "") + joined(key)] = joined(text)
    return {key: text for key, text in entries.items() if key and text}


def joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())


def words() -> Iterator[str]:
    """Keys of all words that templates and modules mark for translation."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for name, *texts in CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            yield CONTEXT.join(ast.literal_eval(text) for text in texts[: MARKS[name]])
    for package in ("accounts", "chat", "chatter"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield from words_of_module(ast.parse(path.read_text(encoding="utf-8")))


def words_of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            arguments = node.args[: MARKS[node.func.id]]
            texts = [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if len(texts) == MARKS[node.func.id]:
                yield CONTEXT.join(texts)


def test_the_words_are_found() -> None:
    found = set(words())
    assert {"Log in", f"presence{CONTEXT}Online", "This message is too long.", "One answer"} <= found
    assert len(found) > 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_everything_is_translated(language: str) -> None:
    wanted = set(words())
    missing = sorted(wanted - set(compiled(language)))
    assert len(missing) <= (1 - TRANSLATED) * len(wanted), missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_filled_in_everywhere(language: str) -> None:
    # A plural's forms may say "one" in a word: they are left to msgfmt.
    single = {key: texts[0] for key, texts in compiled(language).items() if len(texts) == 1}
    assert {key for key, text in single.items() if sorted(HOLES.findall(key)) != sorted(HOLES.findall(text))} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_compiled_as_written(language: str) -> None:
    assert {key: texts[0] for key, texts in compiled(language).items()} == written(language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "language", "direction", "word"),
    [
        ("en-GB,en", "en", "ltr", "Log in"),
        ("de-AT", "de", "ltr", "Anmelden"),
        ("ar", "ar", "rtl", "تسجيل الدخول"),
        ("tlh", "en", "ltr", "Log in"),
    ],
)
def test_a_page_speaks_the_language_of_the_browser(
    client: Client, asked: str, language: str, direction: str, word: str
) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": asked}).content.decode()
    assert f'<html lang="{language}" dir="{direction}"' in page
    assert word in page


@pytest.mark.django_db
def test_the_language_can_be_chosen_without_an_account(client: Client) -> None:
    answer = client.post("/language/", {"language": "ar", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert 'dir="rtl"' in client.get("/accounts/login/", headers={"accept-language": "de"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_choosing_a_language_leads_nowhere_else(client: Client, target: str) -> None:
    answer = client.post("/language/", {"language": "xx", "next": target})
    assert answer["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
