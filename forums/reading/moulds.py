"""Parts of pages that there are many of: their template runs once for each look and language, then they are filled in."""

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from chatter.core.fragments import GAP_PLACE

REMEMBERED = 2048


def mould(template: str, places: tuple[str, ...], **look: Hashable) -> str:
    """The html of `template` for `mould % {place: html, …}`: what stands at a place is escaped by whoever fills it in."""
    return _cast(template, get_language(), places, tuple(look.items()))


@lru_cache(maxsize=REMEMBERED)
def _cast(template: str, language: str | None, places: tuple[str, ...], look: tuple[tuple[str, Hashable], ...]) -> str:
    """`language` is part of what is remembered by."""
    marks = {place: f"{GAP_PLACE}{place};" for place in places}
    marked = {place: mark_safe(mark) for place, mark in marks.items()}  # noqa: S308 -- letters and digits
    html = get_template(template).render(dict(look) | marked).strip().replace("%", "%%")
    for place, mark in marks.items():
        html = html.replace(mark, f"%({place})s")
    return html
