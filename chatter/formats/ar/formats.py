"""What differs here from Django's formats of the language."""

from chatter.formats import DATETIME_FORMAT

__all__ = ["DATETIME_FORMAT"]
