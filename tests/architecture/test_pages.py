"""Templates keep the strict policy: no script, style or handler inside the page, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from tests.session import PROJECT

TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
# The admin's looser policy covers its own pages.
OURS = [path for path in TEMPLATES if "admin" not in path.parts]
FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"(application/(?:ld\+)?json|importmap|speculationrules)\")[^>]*>",
    "an inline style": r"<style\b|\sstyle=",
    "an event handler": r"\son[a-z]+=",
    "a script address": r"javascript:",
    "something from elsewhere": r"(?:src|href)=\"https?://",
}


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(PROJECT / "templates")))
def test_a_template_keeps_the_policy(path: Path) -> None:
    if "email" in path.parts:
        return
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert {what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)} == set()
