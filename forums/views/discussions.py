"""The live discussion of a post: the way into it, and what stands around its conversation."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from chat import surroundings
from chat.forms import MuteForm
from chat.models import Conversation, Membership
from chat.notices import register_naming
from chat.permissions import Permission
from chat.reading import Room
from chat.views.access import refusals_beside, status_of, viewer_of
from chat.views.conversation import is_muted
from chat.views.details import details_of
from chat.views.sidebar import shell
from chatter.core.errors import NotFound
from chatter.core.fragments import remembered, with_token
from forums.actions.discussions import enter_discussion, may_open, quiet_person
from forums.addresses import post_url
from forums.discussions import discussed_post, names_of
from forums.forms.talk import QuietForm
from forums.models import Post
from forums.permissions import Right, Standing, check_right, check_takes_part
from forums.reading.post_page import Seen, seen_post
from forums.views.entry import in_forum
from forums.views.shell import forum_page

PEOPLE_SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@in_forum
def post_discussion(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Asks whether to go in; who is in already is led there."""
    seen = seen_post(standing, number)
    if not seen.is_readable:
        raise NotFound
    if request.method == "POST":
        return redirect("conversation", enter_discussion(person=viewer_of(request), post_id=seen.post.pk).pk)
    if seen.is_in_room:
        return redirect("conversation", seen.post.discussion_id)
    check_takes_part(standing)
    context = {"seen": seen, "post": seen.post, "may_enter": may_enter(seen)}
    return render(request, "forums/discussion.html", forum_page(request, standing, at="post", **context))


def may_enter(seen: Seen) -> bool:
    """Is there a room for this person, or would there be one at their word?"""
    is_there = seen.post.discussion_id is not None
    return seen.takes_part and seen.is_readable and (is_there or may_open(seen.standing, seen.post))


@require_http_methods(["GET", "HEAD", "POST"])
@in_forum
def discussion_people(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Who is in the discussion, for moderators: whom to let only read for a while."""
    seen = seen_post(standing, number)
    if not seen.is_in_room:
        raise NotFound
    check_right(standing, Right.POSTS)
    form = QuietForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        lasts = timedelta(minutes=given["minutes"]) if given["minutes"] else None
        with refusals_beside(form, None):
            quiet_person(
                moderator=viewer_of(request),
                post_id=seen.post.pk,
                person_id=given["person"],
                lasts=lasts,
                reason=given["reason"],
            )
            messages.success(request, gettext("Saved."))
            return redirect("discussion_people", standing.forum.slug, number)
    context = {"seen": seen, "post": seen.post, "form": form, "rows": _others_in(seen)}
    page = forum_page(request, standing, at="post", **context)
    return render(request, "forums/discussion_people.html", page, status=status_of(form))


def _others_in(seen: Seen) -> list[Membership]:
    """Who is no moderator there, those first who may only read, then by name."""
    quiet = Q(timed_out_until__gt=timezone.now())
    rows = Membership.objects.active().filter(conversation=seen.post.discussion_id, role=Membership.Role.MEMBER)
    rows = rows.annotate(is_quiet=ExpressionWrapper(quiet, output_field=BooleanField()))
    return list(rows.select_related("user").order_by("-is_quiet", "user__username")[:PEOPLE_SHOWN])


class Discussed:
    """`chat.surroundings.Around` of a discussion: the side bar of all conversations, and the way back to the post."""

    def __init__(self, request: HttpRequest, room: Room) -> None:
        self.request, self.room = request, room

    @cached_property
    def post(self) -> Post | None:
        """None where it was deleted a moment ago."""
        return discussed_post(self.room.conversation)

    @property
    def moderates(self) -> bool:
        return self.room.can(Permission.MANAGE_MESSAGES)

    @property
    def name(self) -> str:
        return self.room.title or gettext("Live discussion")

    @property
    def tab(self) -> str:
        return f"{self.name} · {self.post.forum.name}" if self.post else self.name

    def side(self) -> dict[str, Any]:
        return shell(self.request, pane="talk", current=self.room.id)

    def bar(self) -> SafeString:
        post = self.post
        html = remembered(
            "forums/_discussion_bar.html",
            place=self.room.id,
            title=self.name,
            post=post_url(post.forum.slug, post.number, post.title) if post else "",
            forum=post.forum.name if post else "",
            people=reverse("discussion_people", args=[post.forum.slug, post.number]) if post and self.moderates else "",
            is_archived=self.room.membership.archived_at is not None,
            is_muted=is_muted(self.room),
            mute_times=MuteForm.TIMES[:-1],
        )
        return with_token(html, self.request)

    def members(self) -> SafeString:
        return render_to_string("chat/_members.html", details_of(self.room) | {"room": self.room})


def register() -> None:
    surroundings.register(Conversation.Kind.DISCUSSION, Discussed)
    register_naming(Conversation.Kind.DISCUSSION, names_of)
