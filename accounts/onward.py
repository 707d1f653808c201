"""Where somebody was on their way to when they had to enter first: their browser remembers it for a day.

`next` carries an address from page to page; this carries it also over a way in that leads through a mailbox, another site, or
a guest's account that becomes a member's. The cookie is signed: it leads nowhere but where this site sent it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "onward"
LASTS = 24 * 3600


def keep_onward(answer: HttpResponse, path: str) -> None:
    """Have whoever gets `answer` led to `path`, an address of this site, once they have entered."""
    answer.set_signed_cookie(
        COOKIE, path, max_age=LASTS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def onward(request: HttpRequest) -> str:
    """Where they were going; "" where nothing is remembered."""
    return request.get_signed_cookie(COOKIE, default="", max_age=LASTS) or ""


def forget_onward(request: HttpRequest, answer: HttpResponse) -> None:
    """They are there."""
    if COOKIE in request.COOKIES:
        answer.delete_cookie(COOKIE, samesite="Lax")
