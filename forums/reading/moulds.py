"""Parts of pages that there are many of: their template runs once for each look and language, then they are filled in."""

from collections.abc import Hashable
from functools import lru_cache
from secrets import randbelow
from uuid import uuid4

from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from chatter.core.fragments import GAP_PLACE

REMEMBERED = 2048
# What stands for keys and numbers while a mould is made, so that addresses are made of them as of any other.
STAND_INS: dict[str, object] = {"id": uuid4(), "number": 9_000_000_000 + randbelow(1_000_000_000)}


def mould(template: str, places: tuple[str, ...], **look: Hashable) -> str:
    """The html of `template` for `mould % {place: html, …}`: what stands at a place is escaped by whoever fills it in. In the
    template `id` is some UUID and `number` some number, each other place a piece of html."""
    return _cast(template, get_language(), places, tuple(look.items()))


@lru_cache(maxsize=REMEMBERED)
def _cast(template: str, language: str | None, places: tuple[str, ...], look: tuple[tuple[str, Hashable], ...]) -> str:
    """`language` is part of what is remembered by."""
    marks = {place: STAND_INS.get(place, mark_safe(f"{GAP_PLACE}{place};")) for place in places}  # noqa: S308 -- letters
    html = get_template(template).render(dict(look) | marks).strip().replace("%", "%%")
    for place, mark in marks.items():
        html = html.replace(str(mark), f"%({place})s")
    return html
