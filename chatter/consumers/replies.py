"""The two forms of a reply: `ok` and `error`."""

from math import ceil
from typing import Any

from django.utils.translation import gettext as _

from chatter.core.errors import Refused
from chatter.core.rooms import Frame, frame_of
from chatter.frames import InvalidFrame, Ref

type Reply = dict[str, Any]


def ok_frame(ref: Ref, reply: Reply) -> Frame:
    return frame_of({"ref": ref, "ok": reply})


def refusal_frame(ref: Ref, refusal: Refused) -> Frame:
    error: Reply = {"code": refusal.code, "message": str(refusal.message)}
    if refusal.retry_after is not None:
        error["retry_after"] = ceil(refusal.retry_after * 100) / 100
    return frame_of({"ref": ref, "error": error})


def invalid_frame(invalid: InvalidFrame) -> Frame:
    return frame_of({"ref": invalid.ref, "error": {"code": "invalid", "message": invalid.message}})


def failed_frame(ref: Ref) -> Frame:
    """Our fault, not theirs; the log says what it was."""
    return frame_of({"ref": ref, "error": {"code": "invalid", "message": _("Something went wrong on our side.")}})
