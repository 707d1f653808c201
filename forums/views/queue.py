"""The queue of a forum: what was reported or is held, in its context, decided one at a time or many at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from chat.views.access import checked, viewer_of
from chatter.core.errors import NotFound, Refused
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.forms.moderation import ChosenForm, QueueForm, RemovalForm
from forums.models import Comment, Post
from forums.permissions import Right, Standing, check_right
from forums.queue import Asked, queue_page
from forums.views.entry import in_forum
from forums.views.moderation import onward_of, rules_of
from forums.views.settings_shell import settings_page

both = require_http_methods(["GET", "HEAD", "POST"])


@both
@in_forum
def forum_queue(request: HttpRequest, standing: Standing) -> HttpResponse:
    """A page of it; a form over all of them says which are approved or removed together."""
    check_right(standing, Right.POSTS)
    if request.method == "POST":
        return _decide(request, standing)
    given = checked(QueueForm(request.GET))
    asked = Asked(given["show"], given["kind"], given["order"], given["after"])
    items, last = queue_page(standing.forum, asked)
    chosen = {"show": asked.show, "kind": asked.kind, "order": asked.order}
    context: dict[str, Any] = {
        "items": items,
        "asked": asked,
        "here": request.get_full_path(),
        "next": urlencode(chosen | {"after": _place(*last)}) if last else "",
        "removal": RemovalForm(rules_of(standing)),
    }
    return settings_page(request, standing, "forums/queue.html", "queue", **context)


def _place(many: int, at: Any, key: UUID) -> str:
    return f"{many}_{at.isoformat()}_{key}"


def _decide(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Each as a deed of its own: what is refused (decided by somebody else meanwhile, say) is told, the others are done."""
    chosen = checked(ChosenForm(request.POST))["chosen"]
    why: dict[str, Any] | None = None
    if request.POST.get("deed") == "remove":
        why = checked(RemovalForm(rules_of(standing), request.POST))
    elif request.POST.get("deed") != "approve":
        raise Refused("invalid")
    done, refusals = 0, []
    for kind, key in chosen:
        try:
            _one(viewer_of(request), standing, kind, key, why)
        except Refused as refusal:
            refusals.append(str(refusal))
        else:
            done += 1
    _tell(request, done, refusals, is_removal=why is not None)
    return redirect(onward_of(request, reverse("forum_queue", args=[standing.forum.slug])))


def _one(moderator: User, standing: Standing, kind: str, key: UUID, why: dict[str, Any] | None) -> None:
    """Only what is of this forum. Raises NotFound or Refused."""
    forum = standing.forum
    if kind == "post":
        if not Post.objects.filter(pk=key, forum=forum).exists():
            raise NotFound
        if why is None:
            approve_post(moderator=moderator, post_id=key)
        else:
            remove_post(moderator=moderator, post_id=key, **why)
        return
    if not Comment.objects.filter(pk=key, post__forum=forum).exists():
        raise NotFound
    if why is None:
        approve_comment(moderator=moderator, comment_id=key)
    else:
        remove_comment(moderator=moderator, comment_id=key, **why)


def _tell(request: HttpRequest, done: int, refusals: list[str], *, is_removal: bool) -> None:
    if done and is_removal:
        messages.success(request, ngettext("%(count)d was removed.", "%(count)d were removed.", done) % {"count": done})
    elif done:
        words = ngettext("%(count)d was approved.", "%(count)d were approved.", done)
        messages.success(request, words % {"count": done})
    for words in dict.fromkeys(refusals):
        messages.error(request, gettext("Not done: %(why)s") % {"why": words})
