"""Messages of people whom the reader blocks, in shared rooms: folded into a line that opens, quotes of them emptied.

What is pushed is the same for everybody; `static/js/folding.js` does there what this does on pages.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.html import escape

_OPENING = '<article class="message'
_BODY = '<div class="message__body">'
_QUOTE = re.compile(r'(<a class="message__quote"[^>]*)>.*?(</a>)', re.DOTALL)


def hides(blocked: frozenset[str], wire: Mapping[str, Any]) -> bool:
    """Does the reader block who wrote this? A tombstone says nothing, and stays as it is."""
    sender = wire["sender"]
    return bool(sender) and sender["id"] in blocked and not wire["deleted_at"]


def fold(html: str, words: Mapping[str, str]) -> str:
    """The article behind a line that says why. Works without scripts; styles hide the rest until it is opened."""
    said, show, hide = (escape(words[key]) for key in ("blocked_message", "blocked_show", "blocked_hide"))
    line = (
        f'<details class="message__fold"><summary><span>{said}</span> · <span class="message__fold-show">{show}</span>'
        f'<span class="message__fold-hide">{hide}</span></summary></details>'
    )
    html = html.replace(_OPENING, f"{_OPENING} message--folded", 1)
    return html.replace(_BODY, f"{_BODY}{line}", 1)


def empty_quote(html: str, blocked: frozenset[str], wire: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Nothing of what a blocked person said, where somebody else answers it."""
    quote = wire["reply_to"]
    if not quote or not quote["sender"] or quote["sender"]["id"] not in blocked:
        return html
    said = escape(words["blocked_message"])
    return _QUOTE.sub(lambda found: f"{found[1]} data-folded><span>{said}</span>{found[2]}", html, count=1)
