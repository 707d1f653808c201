"""A vote on a post or a comment: for scripts as JSON, else back to where the arrow was."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from chatter.core.asking import is_own_address, wants_json
from chatter.core.errors import Refused
from forums.actions.votes import check_pace, vote_on_comment, vote_on_post
from forums.forms.comments import VoteForm, checked_next


@require_POST
def vote(request: HttpRequest) -> HttpResponse:
    """Vote, or take the vote back."""
    assert isinstance(request.user, User)
    form = VoteForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    target, key, value = form.cleaned_data["vote"]
    check_pace(request.user)
    if target == "post":
        voted = vote_on_post(person=request.user, post_id=key, value=value)
    else:
        voted = vote_on_comment(person=request.user, comment_id=key, value=value)
    if wants_json(request):
        return JsonResponse({"score": voted.shown, "mine": voted.mine})
    back = checked_next(form.cleaned_data)
    return redirect(f"{back}#v-{key}" if back and is_own_address(request, back) else "/")
