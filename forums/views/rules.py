"""Rules and flairs of a forum as who looks after it sees them: added, changed, put in order, deleted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.asking import wants_json
from forums.actions.flairs import FLAIRS_MAX, change_flair, create_flair, delete_flair, flair_of, order_flair
from forums.actions.rules import RULES_MAX, add_rule, change_rule, delete_rule, order_rule, rule_of
from forums.forms.community import FlairForm, FlairKindForm, OrderForm, RuleForm
from forums.models import Flair, Member, Rule
from forums.permissions import Right, Standing, check_right
from forums.views.entry import in_forum
from forums.views.settings_shell import check_moderates, settings_page

both = require_http_methods(["GET", "HEAD", "POST"])
LOOKS = ("name", "hue", "is_for_moderators")


def of_the_forum(view: Callable[..., HttpResponse]) -> Any:
    """A page for who may change the forum."""

    @in_forum
    def opened(request: HttpRequest, standing: Standing, *args: Any, **more: Any) -> HttpResponse:
        check_moderates(standing)
        check_right(standing, Right.FORUM)
        return view(request, standing, *args, **more)

    return opened


@both
@of_the_forum
def forum_rules(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The rules in their order, and a form for another one."""
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "title"):
            add_rule(actor=viewer_of(request), forum_id=standing.forum.pk, **form.cleaned_data)
            messages.success(request, gettext("The rule is added."))
            return redirect("forum_rules", standing.forum.slug)
    rules = list(Rule.objects.filter(forum=standing.forum).order_by("position", "pk"))
    context: dict[str, Any] = {"form": form, "rules": rules, "has_room": len(rules) < RULES_MAX, "most": RULES_MAX}
    if request.headers.get("X-Fragment") == "rows":
        return render(request, "forums/_rules.html", context | {"forum": standing.forum})
    return settings_page(request, standing, "forums/rules.html", "rules", status=status_of(form), **context)


@require_POST
@of_the_forum
def forum_rules_order(request: HttpRequest, standing: Standing) -> HttpResponse:
    key, where = _order(request)
    order_rule(actor=viewer_of(request), forum_id=standing.forum.pk, rule_id=key, **where)
    return _ordered(request, standing, "forum_rules")


@both
@of_the_forum
def forum_rule(request: HttpRequest, standing: Standing, rule_id: UUID) -> HttpResponse:
    """Say a rule otherwise."""
    rule = rule_of(standing.forum, rule_id)
    initial = {"title": rule.title, "text": rule.text}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_beside(form, "title"):
            change_rule(actor=viewer_of(request), forum_id=standing.forum.pk, rule_id=rule_id, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("forum_rules", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "rule": rule}
    return settings_page(request, standing, "forums/rule.html", "rules", status=status_of(form), **context)


@both
@of_the_forum
def forum_rule_delete(request: HttpRequest, standing: Standing, rule_id: UUID) -> HttpResponse:
    """Asks first."""
    rule = rule_of(standing.forum, rule_id)
    if request.method != "POST":
        return settings_page(request, standing, "forums/rule_delete.html", "rules", rule=rule)
    delete_rule(actor=viewer_of(request), forum_id=standing.forum.pk, rule_id=rule_id)
    messages.success(request, gettext("The rule is deleted."))
    return redirect("forum_rules", standing.forum.slug)


@both
@of_the_forum
def forum_flairs(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Flairs of posts and of people, each in their order."""
    rows = Flair.objects.filter(forum=standing.forum).order_by("position", "pk")
    lists = [(kind, label, [row for row in rows if row.kind == kind]) for kind, label in Flair.Kind.choices]
    context: dict[str, Any] = {"lists": lists, "most": FLAIRS_MAX}
    if request.headers.get("X-Fragment") == "rows":
        return render(request, "forums/_flairs.html", context | {"forum": standing.forum})
    return settings_page(request, standing, "forums/flairs.html", "flairs", **context)


@require_POST
@of_the_forum
def forum_flairs_order(request: HttpRequest, standing: Standing) -> HttpResponse:
    key, where = _order(request)
    order_flair(actor=viewer_of(request), forum_id=standing.forum.pk, flair_id=key, **where)
    return _ordered(request, standing, "forum_flairs")


@both
@of_the_forum
def forum_flair_new(request: HttpRequest, standing: Standing) -> HttpResponse:
    kind = checked(FlairKindForm(request.GET))["kind"] or Flair.Kind.POST
    form = FlairForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "name"):
            create_flair(actor=viewer_of(request), forum_id=standing.forum.pk, kind=kind, **form.cleaned_data)
            return redirect("forum_flairs", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "flair": None, "kind": kind}
    return settings_page(request, standing, "forums/flair.html", "flairs", status=status_of(form), **context)


@both
@of_the_forum
def forum_flair(request: HttpRequest, standing: Standing, flair_id: UUID) -> HttpResponse:
    """Name, colour, and who gives it."""
    flair = flair_of(standing.forum, flair_id)
    initial = {name: getattr(flair, name) for name in LOOKS}
    form = FlairForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_beside(form, "name"):
            change_flair(actor=viewer_of(request), forum_id=standing.forum.pk, flair_id=flair_id, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("forum_flairs", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "flair": flair, "kind": flair.kind}
    return settings_page(request, standing, "forums/flair.html", "flairs", status=status_of(form), **context)


@both
@of_the_forum
def forum_flair_delete(request: HttpRequest, standing: Standing, flair_id: UUID) -> HttpResponse:
    """Asks first, and says where it goes from."""
    flair = flair_of(standing.forum, flair_id)
    if request.method != "POST":
        worn = Member.objects.filter(forum=standing.forum).aggregate(count=Count("pk", filter=Q(flair=flair)))["count"]
        return settings_page(request, standing, "forums/flair_delete.html", "flairs", flair=flair, worn=worn)
    delete_flair(actor=viewer_of(request), forum_id=standing.forum.pk, flair_id=flair_id)
    messages.success(request, gettext("The flair is deleted."))
    return redirect("forum_flairs", standing.forum.slug)


def _order(request: HttpRequest) -> tuple[UUID, dict[str, Any]]:
    form = OrderForm(request.POST)
    checked(form)
    return form.wish()


def _ordered(request: HttpRequest, standing: Standing, page: str) -> HttpResponse:
    return HttpResponse(status=204) if wants_json(request) else redirect(page, standing.forum.slug)
