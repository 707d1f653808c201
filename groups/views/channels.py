"""Channels as who manages them sees them: in their order, made, changed, closed, deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.forms import SearchForm
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.asking import wants_json
from groups.actions.categories import CATEGORIES_MAX
from groups.actions.channels import CHANNELS_MAX, create_channel, delete_channel, edit_channel
from groups.actions.opening import set_privacy
from groups.actions.ordering import order_places, place_channel, shift_place
from groups.actions.overrides import follow_category
from groups.forms.channels import ChannelForm, FollowForm, NewChannelForm, OrderForm, PlaceForm, PrivacyForm
from groups.models import Category, Channel, Role
from groups.permissions import Right, check_right
from groups.places import Reader, Section, channel_for, is_private, reader_of, sections_of, wishes_of
from groups.reading import group_for
from groups.seen import face_of, members_called, members_chosen, shown_to
from groups.views.shell import settings_shell

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def channels(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """All that the member sees, in order; scripts ask for the list alone."""
    reader = manager(request, group_id, Right.MANAGE_CHANNELS | Right.MANAGE_ROLES)
    sections = sections_of(reader)
    context = {
        "sections": sections if sections and sections[0].category is None else [Section(None), *sections],
        "can_manage": reader.standing.can(Right.MANAGE_CHANNELS),
        "can_permit": reader.standing.can(Right.MANAGE_ROLES),
        "is_full": Channel.objects.alive().filter(group=group_id).count() >= CHANNELS_MAX,
        "has_all_categories": Category.objects.filter(group=group_id).count() >= CATEGORIES_MAX,
        "most": CHANNELS_MAX,
    }
    if request.headers.get("X-Fragment") == "channels":
        return render(request, "groups/_channels.html", context | {"group": reader.standing.group})
    return page(request, reader, "groups/channels.html", **context)


@require_POST
def order(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The whole order, or one place one step on."""
    wish = checked(OrderForm(request.POST))
    who: dict[str, Any] = {"actor": viewer_of(request), "group_id": group_id}
    mark = ""
    if wish["step"]:
        kind, key, by = wish["step"]
        shift_place(**who, kind=kind, place_id=key, by=by)
        mark = f"#{kind}-{key}"
    else:
        order_places(**who, order=wish["order"])
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(reverse("group_channels", args=[group_id]) + mark)


@both
def new(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A form for a channel that is not there yet; the search inside keeps what was ticked."""
    reader = manager(request, group_id)
    sent = request.POST if request.method == "POST" else None
    form = NewChannelForm(
        sent, initial={"category": request.GET.get("category", "")}, roles=roles_of(reader), categories=open_to(reader)
    )
    chosen = members_chosen(reader.standing, form)
    if form.is_valid() and "search" not in request.POST:
        with refusals_beside(form, "name"):
            made = create_channel(
                actor=viewer_of(request),
                group_id=group_id,
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                topic=form.cleaned_data["topic"],
                category_id=form.cleaned_data["category"],
                closed=form.cleaned_data["closed"],
                shown_to=shown_to(form, chosen),
            )
            return redirect("conversation", made.conversation_id)
    return page(request, reader, "groups/channel_new.html", form=form, **picker(reader, form, chosen))


@require_safe
def people(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Members called so, for scripts."""
    reader = manager(request, group_id, Right.MANAGE_CHANNELS | Right.MANAGE_ROLES)
    found = members_called(reader.standing, checked(SearchForm(request.GET))["q"])
    return JsonResponse({"people": [face_of(member) for member in found]})


@both
def channel(request: HttpRequest, group_id: UUID, channel_id: UUID) -> HttpResponse:
    """How a channel is: its name, topic, kind, slow mode; where it stands and who sees it."""
    reader, found = channel_of(request, group_id, channel_id)
    initial = {
        "name": found.conversation.title,
        "topic": found.conversation.topic,
        "kind": found.kind,
        "slow_mode": str(found.conversation.settings.get("slow_mode", 0)),
    }
    form = ChannelForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_beside(form, "name"):
            edit_channel(actor=viewer_of(request), group_id=group_id, channel_id=channel_id, **form.changes())
            messages.success(request, gettext("Saved."))
            return redirect("channel_settings", group_id, channel_id)
    return channel_page(request, reader, found, form)


@require_POST
def place(request: HttpRequest, group_id: UUID, channel_id: UUID) -> HttpResponse:
    """Into another category."""
    reader, _found = channel_of(request, group_id, channel_id)
    given = checked(PlaceForm(request.POST, categories=open_to(reader)))
    place_channel(actor=viewer_of(request), group_id=group_id, channel_id=channel_id, category_id=given["category"])
    messages.success(request, gettext("Saved."))
    return redirect("channel_settings", group_id, channel_id)


@require_POST
def privacy(request: HttpRequest, group_id: UUID, kind: str, place_id: UUID) -> HttpResponse:
    """Closed to everyone, or open."""
    closed = checked(PrivacyForm(request.POST))["closed"]
    set_privacy(actor=viewer_of(request), group_id=group_id, kind=kind, place_id=place_id, closed=closed)
    words = gettext("Only whom you let in sees it now.") if closed else gettext("Everyone in the group sees it now.")
    messages.success(request, words)
    return redirect("channel_settings" if kind == "channel" else "category_settings", group_id, place_id)


@require_POST
def follow(request: HttpRequest, group_id: UUID, channel_id: UUID) -> HttpResponse:
    """As its category has it, or on its own."""
    given = checked(FollowForm(request.POST))
    follow_category(actor=viewer_of(request), group_id=group_id, channel_id=channel_id, follows=given["follows"])
    messages.success(request, gettext("Saved."))
    return redirect("channel_overrides", group_id, channel_id)


@both
def delete(request: HttpRequest, group_id: UUID, channel_id: UUID) -> HttpResponse:
    """Asks first, then deletes the channel."""
    reader, found = channel_of(request, group_id, channel_id)
    if request.method != "POST":
        return page(request, reader, "groups/channel_delete.html", channel=found)
    delete_channel(actor=viewer_of(request), group_id=group_id, channel_id=channel_id)
    words = gettext("The channel “%(name)s” was deleted.")
    messages.success(request, words % {"name": found.conversation.title})
    return redirect("group_channels", group_id)


def manager(request: HttpRequest, group_id: UUID, right: Right = Right.MANAGE_CHANNELS) -> Reader:
    """The member who asks, if they have (one of) the rights. Raises NotFound or Refused."""
    standing = group_for(viewer_of(request).pk, group_id)
    check_right(standing, right)
    return reader_of(standing)


def channel_of(request: HttpRequest, group_id: UUID, channel_id: UUID) -> tuple[Reader, Channel]:
    """The channel as who manages channels sees it. Raises NotFound or Refused."""
    reader = manager(request, group_id)
    return reader, channel_for(reader, channel_id)[0]


def open_to(reader: Reader) -> list[Category]:
    """The categories that a channel may be put into."""
    return [section.category for section in sections_of(reader) if section.category and section.is_open]


def roles_of(reader: Reader) -> QuerySet[Role]:
    """Who may be let into a private place besides members; highest first."""
    return Role.objects.filter(group=reader.standing.group, is_everyone=False).order_by("-position")


def picker(reader: Reader, form: Any, chosen: Sequence[Any]) -> dict[str, Any]:
    """The members who are ticked, and those whom the words find besides."""
    words = form.cleaned_data.get("q", "") if form.is_bound and form.is_valid() else form.data.get("q", "")
    found = members_called(reader.standing, words)
    ticked = {member.pk for member in chosen}
    return {"chosen": chosen, "found": [member for member in found if member.pk not in ticked], "words": words}


def channel_page(request: HttpRequest, reader: Reader, found: Channel, form: ChannelForm) -> HttpResponse:
    wishes = wishes_of(found)
    key = str(found.category_id or "")
    return page(
        request,
        reader,
        "groups/channel_settings.html",
        form=form,
        channel=found,
        place_form=PlaceForm(initial={"category": key}, categories=open_to(reader)),
        is_private=is_private(reader, wishes),
        follows=bool(found.category_id) and found.is_synced,
        override_count=len(wishes),
        can_permit=reader.standing.can(Right.MANAGE_ROLES),
    )


def page(request: HttpRequest, reader: Reader, template: str, *, form: Any = None, **context: Any) -> HttpResponse:
    """A page of the settings, at its channels."""
    shell = settings_shell(request, reader.standing, at="channels", form=form, **context)
    return render(request, template, shell, status=status_of(form) if form is not None else 200)
