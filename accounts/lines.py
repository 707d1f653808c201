"""What people call things they make (groups, forums, channels, roles), in one line that can be seen, in any script; and what they say
of them in a few."""

import re
import unicodedata

from django.utils.translation import gettext as _

from accounts.names import likeness, tidy_name
from chatter.core.errors import Refused


def checked_line(raw: str, limit: int) -> str:
    """`raw` as one line of at most `limit` characters. Raises Refused where nothing of it can be seen, or it is too long."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace() for character in raw):
        raise Refused("invalid", _("This name contains characters that cannot be stored."))
    line = tidy_name(raw)
    if len(line) > limit:
        raise Refused("too_long", _("This name is too long."))
    if not likeness(line):
        raise Refused("invalid", _("A name needs letters or digits."))
    return line


def checked_text(raw: str, limit: int) -> str:
    """`raw` as a few lines of at most `limit` characters; empty is fine. Raises Refused."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace() for character in raw):
        raise Refused("invalid", _("This text contains characters that cannot be stored."))
    lines = [" ".join(line.split()) for line in raw.splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) > limit:
        raise Refused("too_long", _("This text is too long."))
    return text
