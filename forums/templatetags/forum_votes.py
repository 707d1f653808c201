"""`{% votes "post" post.pk score mine may_vote %}`: the arrows and the score."""

from urllib.parse import quote
from uuid import UUID

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from forums.reading.vote_buttons import votes_html

register = template.Library()


@register.simple_tag(takes_context=True)
def votes(context: Context, target: str, key: UUID, score: int | None, mine: int, may_vote: bool) -> SafeString:
    return votes_html(target, key, score, mine, may_vote=may_vote, login=login_to_vote(context["request"]))


def login_to_vote(request: HttpRequest) -> str:
    """Where a visitor's arrows lead: to the log-in and back here; "" for people signed in."""
    if request.user.is_authenticated:
        return ""
    return f"{reverse('account_login')}?next={quote(request.get_full_path())}"
