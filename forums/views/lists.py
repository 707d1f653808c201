"""Lists of posts: of a forum, at home, everywhere, of a person, saved. Visitors' pages are the same for all of them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.preferences import set_setting
from accounts.models import User
from accounts.permissions import check_member
from accounts.preferences import setting_of
from chatter.core.addresses import address
from chatter.core.asking import is_own_address, wants_json
from chatter.core.errors import Refused
from chatter.core.fragments import remembered, with_token
from chatter.core.page_cache import share
from forums.actions.saved import save_post, unsave_post
from forums.actions.seen import see_forum
from forums.forms.lists import VIEWS, ListForm, SaveForm, ViewForm
from forums.permissions import Standing, check_posts
from forums.reading import lists
from forums.reading.cards import cards_html, look_for
from forums.reading.keyset import cursor_of
from forums.reading.lists import SPANNED, Asked, Page, Sort, Span
from forums.reading.surroundings import about
from forums.templatetags.forum_votes import login_to_vote
from forums.views.entry import in_forum
from forums.views.list_words import SORT_WORDS, SPAN_WORDS, VIEW_WORDS, empty_words
from forums.views.shell import forum_page, forums_page, reader
from forums.web.heads import Head, head_of_forum

PART = "posts"


@login_not_required
@require_safe
@in_forum
def forum(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The posts of a forum."""
    given = form_of(ListForm, request)
    asked = asked_of(given, Sort.HOT)
    page = lists.posts_in(standing, asked)
    shown = shown_list(
        request, page, given, asked, "forum", may_take_part=standing.ban is None, submit=_submit(standing)
    )
    if is_part(request):
        return share(request, render(request, "forums/_post_list.html", shown))
    if standing.person is None:
        shown["page_head"] = _head(standing, asked)
    else:
        see_forum(standing.person, standing.forum)
    shown["flair"] = next((each for each in about(standing.forum).flairs if each.pk == asked.flair), None)
    return share(request, render(request, "forums/list.html", forum_page(request, standing, **shown)))


def _head(standing: Standing, asked: Asked) -> Head:
    chosen = {} if asked.sort == Sort.HOT else {"sort": asked.sort.value}
    if asked.sort in SPANNED:
        chosen["span"] = asked.span.value
    return head_of_forum(
        standing.forum, urlencode(chosen), is_further=asked.after is not None or asked.flair is not None
    )


@require_safe
def forum_home(request: HttpRequest) -> HttpResponse:
    """What is new in the forums one subscribes to."""
    person = _member(request)
    given = form_of(ListForm, request)
    asked = asked_of(given, Sort.HOT)
    return answer_list(request, lists.posts_at_home(person, asked), given, asked, "home")


@login_not_required
@require_safe
def forum_all(request: HttpRequest) -> HttpResponse:
    """All that the reader may see."""
    given = form_of(ListForm, request)
    asked = asked_of(given, Sort.HOT)
    page = lists.posts_everywhere(reader(request), asked)
    return share(request, answer_list(request, page, given, asked, "all"))


@require_safe
def forum_saved(request: HttpRequest) -> HttpResponse:
    """What one put aside."""
    person = _member(request)
    given = form_of(ListForm, request)
    asked = asked_of(given, Sort.NEW)
    return answer_list(request, lists.posts_saved(person, asked), given, asked, "saved")


@require_POST
def post_save(request: HttpRequest) -> HttpResponse:
    """Save a post, or take that back: for scripts as JSON, else back to the card."""
    person = _member(request)
    form = SaveForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    key, on = form.cleaned_data["save"]
    if on:
        save_post(person=person, post_id=key)
    else:
        unsave_post(person=person, post_id=key)
    if wants_json(request):
        return JsonResponse({"saved": on})
    return _back(request, form.cleaned_data["next"], f"#p-{key}")


@require_POST
def forum_view(request: HttpRequest) -> HttpResponse:
    """How lists look from now on."""
    assert isinstance(request.user, User)
    form = ViewForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    set_setting(person=request.user, key="forum_view", value=form.cleaned_data["view"])
    return _back(request, form.cleaned_data["next"])


def is_part(request: HttpRequest) -> bool:
    """Does a script ask for the posts alone?"""
    return request.headers.get("X-Fragment") == PART


def view_of(request: HttpRequest, given: dict[str, Any]) -> str:
    """ "card" or "compact": as the address says, else as the person chose."""
    person = reader(request)
    return str(given.get("view") or (setting_of(person, "forum_view") if person else VIEWS[0]))


def older_address(request: HttpRequest, after: object) -> str:
    """This page's address, a page further; "" where there is none."""
    if after is None:
        return ""
    kept = [(name, value) for name, value in request.GET.items() if name != "after"]
    return f"?{urlencode([*kept, ('after', str(after))])}"


def answer_list(
    request: HttpRequest, page: Page, given: dict[str, Any], asked: Asked, kind: str, **more: Any
) -> HttpResponse:
    """A list over several forums."""
    shown = shown_list(request, page, given, asked, kind) | more
    if is_part(request):
        return render(request, "forums/_post_list.html", shown)
    return render(request, "forums/list.html", forums_page(request, at=kind, **shown))


def shown_list(
    request: HttpRequest,
    page: Page,
    given: dict[str, Any],
    asked: Asked,
    kind: str,
    *,
    may_take_part: bool = True,
    submit: str = "",
) -> dict[str, Any]:
    """What the list template shows; `submit` is where to write a post."""
    view = view_of(request, given)
    look = look_for(
        reader(request),
        view=view,
        with_forum=kind != "forum",
        login=login_to_vote(request),
        may_take_part=may_take_part,
    )
    return {
        "list": kind,
        "cards": cards_html(page.cards, look),
        "older": older_address(request, page.after),
        "is_first": asked.after is None,
        "view": view,
        "submit": submit,
        "tools": list_tools(request, given, asked, kind, view, submit),
        "empty": None if page.cards else empty_words(kind, asked),
    }


def list_tools(
    request: HttpRequest, given: dict[str, Any], asked: Asked, kind: str, view: str, submit: str
) -> SafeString:
    """What stands above a list, and the forms that its buttons submit: alike for all who chose alike."""
    person = reader(request)
    html = remembered(
        "forums/_list_tools.html",
        gaps={"onward": escape(request.get_full_path())},
        tabs=_tabs(given, asked, kind),
        spans=_spans(given, asked),
        views=tuple((each, each == view, _query(given, view=each), str(VIEW_WORDS[each])) for each in VIEWS),
        submit=submit,
        is_known=person is not None,
        is_member=person is not None and not person.is_guest,
    )
    return with_token(html, request)


def _tabs(given: dict[str, Any], asked: Asked, kind: str) -> tuple[tuple[str, bool, str], ...]:
    if kind == "saved":
        return ()
    sorts = (Sort.NEW, Sort.TOP) if kind == "person" else Sort
    return tuple((str(SORT_WORDS[sort]), sort == asked.sort, _query(given, sort=sort, span="")) for sort in sorts)


def _spans(given: dict[str, Any], asked: Asked) -> tuple[tuple[str, bool, str], ...]:
    if asked.sort not in SPANNED:
        return ()
    return tuple((str(SPAN_WORDS[span]), span == asked.span, _query(given, span=span)) for span in Span)


def _query(given: dict[str, Any], **changes: str) -> str:
    """The list's address with these changes, from its beginning."""
    fields = {name: given[name] for name in ("sort", "span", "view", "flair")} | changes
    return f"?{urlencode([(name, str(value)) for name, value in fields.items() if value])}"


def form_of(form_class: type[Form], request: HttpRequest) -> dict[str, Any]:
    """What the address says. Raises Refused("invalid")."""
    form = form_class(request.GET)
    if not form.is_valid():
        raise Refused("invalid")
    return form.cleaned_data


def asked_of(given: dict[str, Any], default: Sort) -> Asked:
    return Asked(
        sort=Sort(given["sort"] or default),
        span=Span(given["span"] or Span.ALL),
        after=cursor_of(given["after"]) if given["after"] else None,
        flair=given["flair"],
    )


def _member(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    check_member(request.user)
    return request.user


def _back(request: HttpRequest, onward: str, mark: str = "") -> HttpResponse:
    back = onward if onward and is_own_address(request, onward) else reverse("forum_home")
    return redirect(f"{back}{mark}")


def _submit(standing: Standing) -> str:
    """Where to write a post here; "" for who may not."""
    try:
        check_posts(standing)
    except Refused:
        return ""
    return address("post_new", standing.forum.slug)
