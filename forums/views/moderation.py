"""What moderators decide about one post or comment: approve, remove with a reason, lock, pin, flair, mark."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.asking import is_own_address
from chatter.core.errors import NotFound, Refused
from forums.actions.marks import flair_post, lock_post, mark_post, pin_post
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.forms.moderation import FlairForm, MarkForm, RemovalForm
from forums.models import Comment, Flair, Post, Rule
from forums.permissions import Right, Standing, check_right, post_for
from forums.queue import Item, item_of
from forums.views.entry import in_forum
from forums.views.settings_shell import settings_page

both = require_http_methods(["GET", "HEAD", "POST"])
type Words = str | Promise


@both
@in_forum
def post_moderate(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """What there is to decide, and doing it: `deed` says what."""
    item = _post(standing, number)
    if request.method == "POST":
        return _done(request, item, _DEEDS.get(request.POST.get("deed", "")))
    context: dict[str, Any] = {
        "item": item,
        "flairs": list(Flair.objects.filter(forum=standing.forum, kind=Flair.Kind.POST).order_by("position", "pk")),
    }
    return settings_page(request, standing, "forums/moderate.html", "queue", **context)


@both
@in_forum
def comment_moderate(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """As `post_moderate`; of comments there is only to approve them, or to remove them."""
    item = _comment(standing, number, comment)
    if request.method == "POST":
        return _done(request, item, _approve if request.POST.get("deed") == "approve" else None)
    return settings_page(request, standing, "forums/moderate.html", "queue", item=item)


@both
@in_forum
def post_remove(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Asks for the rule, then removes it."""
    return _remove(request, standing, _post(standing, number))


@both
@in_forum
def comment_remove(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    return _remove(request, standing, _comment(standing, number, comment))


def rules_of(standing: Standing) -> list[Rule]:
    return list(Rule.objects.filter(forum=standing.forum).order_by("position", "pk"))


def onward_of(request: HttpRequest, otherwise: str) -> str:
    """Where the page that asked wants to be again."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return wanted if is_own_address(request, wanted) else otherwise


def _remove(request: HttpRequest, standing: Standing, item: Item) -> HttpResponse:
    form = RemovalForm(rules_of(standing), request.POST if request.method == "POST" else None)
    onward = onward_of(request, item.url)
    if form.is_valid():
        with refusals_beside(form, None):
            _remove_written(viewer_of(request), item.written, **form.cleaned_data)
            messages.success(request, _("Removed."))
            return redirect(onward)
    context = {"item": item, "form": form, "onward": onward}
    return settings_page(request, standing, "forums/remove.html", "queue", status=status_of(form), **context)


def _remove_written(moderator: Any, written: Post | Comment, **why: Any) -> None:
    if isinstance(written, Post):
        remove_post(moderator=moderator, post_id=written.pk, **why)
    else:
        remove_comment(moderator=moderator, comment_id=written.pk, **why)


def _done(request: HttpRequest, item: Item, deed: Callable[[HttpRequest, Any], Words] | None) -> HttpResponse:
    """A refusal is told where one comes from."""
    if deed is None:
        raise Refused("invalid")
    try:
        messages.success(request, str(deed(request, item.written)))
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(onward_of(request, item.url))


def _approve(request: HttpRequest, written: Post | Comment) -> Words:
    if isinstance(written, Post):
        approve_post(moderator=viewer_of(request), post_id=written.pk)
    else:
        approve_comment(moderator=viewer_of(request), comment_id=written.pk)
    return _("Approved.")


def _lock(request: HttpRequest, post: Post) -> Words:
    lock_post(moderator=viewer_of(request), post_id=post.pk, is_locked=True)
    return _("The post is locked.")


def _unlock(request: HttpRequest, post: Post) -> Words:
    lock_post(moderator=viewer_of(request), post_id=post.pk, is_locked=False)
    return _("The post is open again.")


def _pin(request: HttpRequest, post: Post) -> Words:
    pin_post(moderator=viewer_of(request), post_id=post.pk, is_pinned=True)
    return _("The post is pinned.")


def _unpin(request: HttpRequest, post: Post) -> Words:
    pin_post(moderator=viewer_of(request), post_id=post.pk, is_pinned=False)
    return _("The post is not pinned any more.")


def _mark(request: HttpRequest, post: Post) -> Words:
    mark_post(moderator=viewer_of(request), post_id=post.pk, **checked(MarkForm(request.POST)))
    return _("The marks were changed.")


def _flair(request: HttpRequest, post: Post) -> Words:
    flairs = Flair.objects.filter(forum=post.forum_id, kind=Flair.Kind.POST)
    flair_post(moderator=viewer_of(request), post_id=post.pk, **checked(FlairForm(flairs, request.POST)))
    return _("The flair was changed.")


_DEEDS: dict[str, Callable[[HttpRequest, Any], Words]] = {
    "approve": _approve,
    "lock": _lock,
    "unlock": _unlock,
    "pin": _pin,
    "unpin": _unpin,
    "mark": _mark,
    "flair": _flair,
}


def _post(standing: Standing, number: int) -> Item:
    """Raises NotFound for what one cannot see, Refused for who does not moderate posts."""
    post = post_for(standing, number)
    check_right(standing, Right.POSTS)
    return item_of(standing.forum, post)


def _comment(standing: Standing, number: int, comment: int) -> Item:
    post = post_for(standing, number)
    found = Comment.objects.filter(post=post, number=comment).first()
    is_own = found is not None and standing.person is not None and found.author_id == standing.person.pk
    if found is None or (found.held_at is not None and not is_own and not standing.can(Right.POSTS)):
        raise NotFound
    check_right(standing, Right.POSTS)
    return item_of(standing.forum, found)
