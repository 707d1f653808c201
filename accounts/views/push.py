"""What browsers ask about push, and the address in letters that ends them."""

from typing import cast

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.mails import stop_mails
from accounts.actions.push import subscribe_push, unsubscribe_push
from accounts.letters import ALL, ending_url, read_ending, words_for
from accounts.models import User
from accounts.vapid import public_key
from chatter.core.errors import Refused
from chatter.core.limits import check_limit


class SubscriptionForm(forms.Form):
    """What a browser says of its subscription."""

    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=100, required=False)
    auth = forms.CharField(max_length=40, required=False)


@require_safe
def push_key(request: HttpRequest) -> JsonResponse:
    """What a browser subscribes with: our public key."""
    return JsonResponse({"key": public_key()})


@require_POST
def push_subscribe(request: HttpRequest) -> HttpResponse:
    """This browser takes pushes from now on, as long as its session lasts."""
    person, typed = cast("User", request.user), _typed(request)
    check_limit("push", person.pk, limit=30, seconds=3600)
    subscribe_push(person=person, session_key=request.session.session_key or "", **typed)
    return HttpResponse(status=204)


@require_POST
def push_unsubscribe(request: HttpRequest) -> HttpResponse:
    unsubscribe_push(person=cast("User", request.user), endpoint=_typed(request)["endpoint"])
    return HttpResponse(status=204)


def _typed(request: HttpRequest) -> dict[str, str]:
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    return form.cleaned_data


@login_not_required
@csrf_exempt  # the mailbox of the reader posts here by itself (RFC 8058); the token is the right to
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks, and ends the e-mails when told to; whoever only looks (scanners of links do) changes nothing."""
    ending = read_ending(token)
    person = User.objects.reachable().filter(pk=ending.person_id).first() if ending else None
    if ending is None or person is None:
        raise Http404
    is_done = request.method == "POST"
    if is_done:
        stop_mails(person=person, kind=ending.kind)
    context = {"is_done": is_done, "words": words_for(ending.kind), "is_all": ending.kind == ALL}
    context["all_url"] = "" if ending.kind == ALL else ending_url(person, ALL)
    return render(request, "accounts/unsubscribe.html", context)
