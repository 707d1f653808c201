"""Names people give to groups, channels, categories and roles: one line that can be seen, in any script."""

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
