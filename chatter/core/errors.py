"""The one way to say no: a code for programs (docs/protocol.md), words for people."""

from datetime import timedelta
from math import ceil

from django.utils.translation import gettext_lazy as _

STATUS = {
    "not_found": 404,
    "forbidden": 403,
    "blocked": 403,
    "timed_out": 403,
    "locked": 403,
    "invalid": 400,
    "too_long": 400,
    "unsupported": 400,
    "rate_limited": 429,
    "slow_mode": 429,
}

MESSAGES = {
    "not_found": _("This does not exist, or you may not see it."),
    "forbidden": _("You may not do this here."),
    "blocked": _("You have blocked this person. Unblock them to write."),
    "timed_out": _("You are timed out here and cannot write for now."),
    "locked": _("This conversation is archived; nobody can write in it."),
    "invalid": _("This could not be understood."),
    "too_long": _("This message is too long."),
    "unsupported": _("This is not supported here."),
    "rate_limited": _("You are going too fast. Wait a moment."),
    "slow_mode": _("Slow mode is on. Wait before you write again."),
}


class Refused(Exception):
    """An action was refused; nothing was written.

    `code` is one of the refusal codes of the protocol, `message` is for the person (translated when shown),
    `retry_after` says after how many seconds it may work.
    """

    def __init__(self, code: str, message: object = None, *, retry_after: float | None = None) -> None:
        self.code = code
        self.message = message if message is not None else MESSAGES.get(code, code)
        self.retry_after = retry_after
        super().__init__(code)

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS.get(self.code, 400)

    def __str__(self) -> str:
        """The words, and in slow mode how long to wait, as a clock shows it."""
        if self.code == "slow_mode" and self.retry_after:
            return f"{self.message} ({timedelta(seconds=ceil(self.retry_after))})"
        return str(self.message)


class NotFound(Refused):
    """It does not exist, or the person may not know that it does: the same answer for both."""

    def __init__(self) -> None:
        super().__init__("not_found")
