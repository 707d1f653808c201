"""Ballots from the page of a post."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.views.access import viewer_of
from chatter.core.asking import wants_json
from chatter.core.limits import check_limit
from forums.actions.polls import cast_ballot
from forums.forms.posts import BallotForm
from forums.permissions import Standing
from forums.reading.post_page import poll_of, seen_post
from forums.views.entry import in_forum

BALLOTS_PER_MINUTE = 60


@require_POST
@in_forum
def post_poll(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Vote, vote otherwise, take it back. Scripts get the counts."""
    seen, person = seen_post(standing, number), viewer_of(request)
    check_limit("forum_ballot", person.pk, limit=BALLOTS_PER_MINUTE, seconds=60)
    cast_ballot(person=person, post_id=seen.post.pk, options=BallotForm(request.POST).options)
    if not wants_json(request):
        return redirect(f"{seen.url}#poll")
    poll = poll_of(seen_post(standing, number))
    if poll is None:
        return JsonResponse({})
    return JsonResponse(
        {
            "votes": {str(choice.pk): choice.votes for choice in poll.choices},
            "voters": poll.poll.voter_count,
            "mine": [str(choice.pk) for choice in poll.choices if choice.is_mine],
            "asks": poll.asks,
        }
    )
