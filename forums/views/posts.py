"""The page of one post, and what its author does to it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import blocked_by
from chat.views.access import refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.page_cache import shareable
from forums.actions.posts import check_pace, create_post
from forums.actions.posts_change import delete_post, edit_post, may_change_title
from forums.actions.seen import see_post
from forums.addresses import title_slug
from forums.albums import EDGES, POSTS
from forums.forms.posts import CrossForm, EditForm, fresh
from forums.models import Flair, PostImage, Upload
from forums.permissions import Right, Standing, forum_for, may_read, seen_posts, standing_in
from forums.reading.post_page import Seen, original_of, pictures_of, poll_of, preview_picture, seen_post
from forums.reading.revisions import history_of
from forums.reading.surroundings import my_forums
from forums.views.comment_section import comments_of
from forums.views.entry import in_forum
from forums.views.shell import forum_page, reader
from forums.web.heads import head_of_post

both = require_http_methods(["GET", "HEAD", "POST"])
# Each leaves what was said before.
EDITS_PER_HOUR = 60


@login_not_required
@require_safe
@shareable
@in_forum
def post(request: HttpRequest, standing: Standing, number: int, title: str = "") -> HttpResponse:
    """The post with its comments. Every other address of it leads to the one with its title."""
    seen = seen_post(standing, number)
    if title != title_slug(seen.shown_title):
        return _to_its_address(request, seen)
    if request.headers.get("X-Fragment") == "post":
        return render(request, "forums/_post_body.html", _frame(request, standing) | body_of(seen))
    context = comments_of(request, standing, seen.post) | body_of(seen)
    if seen.is_news:
        see_post(standing.person, seen.post)
    if standing.person is None:
        context["page_head"] = head_of_post(seen, context["pictures"])
    return render(request, "forums/post.html", forum_page(request, standing, at="post", **context))


def _frame(request: HttpRequest, standing: Standing) -> dict[str, Any]:
    """What the parts of the page ask of the whole."""
    return {"forum": standing.forum, "standing": standing, "person": reader(request)}


def _to_its_address(request: HttpRequest, seen: Seen) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    answer = HttpResponsePermanentRedirect(f"{seen.url}?{query}" if query else seen.url)
    # A title may change back: no browser may remember the way there for good.
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def body_of(seen: Seen) -> dict[str, Any]:
    """What `forums/_post_body.html` shows of a post, as far as this reader may see it."""
    person, is_readable = seen.standing.person, seen.is_readable
    return {
        "seen": seen,
        "post": seen.post,
        "is_folded": person is not None and not person.is_guest and seen.post.author_id in blocked_by(person),
        "pictures": pictures_of(seen.post) if is_readable else [],
        "preview_picture": preview_picture(seen.post) if is_readable else None,
        "poll": poll_of(seen) if is_readable else None,
        "original": original_of(seen.post, person) if is_readable else None,
        "widths": EDGES,
    }


@both
@in_forum
def post_edit(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """The author changes what it says."""
    seen = own(standing, number)
    found, pictures = seen.post, pictures_of(seen.post)
    initial = {
        "title": found.title,
        "content": found.content,
        "flair": str(found.flair_id or ""),
        "is_spoiler": found.is_spoiler,
        "is_nsfw": found.is_nsfw,
    }
    form = EditForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        flairs=flairs_for(standing, found.flair),
        keeps_title=not may_change_title(found),
    )
    if form.is_valid():
        with refusals_beside(form, None):
            check_limit("forum_edit", viewer_of(request).pk, limit=EDITS_PER_HOUR, seconds=3600)
            keys = [picture.pk for picture in pictures if picture.pk]
            edit_post(editor=viewer_of(request), post_id=found.pk, **form.wanted(keys))
            return redirect("post_short", standing.forum.slug, number)
    context = {"seen": seen, "post": found, "form": form, "pictures": pictures}
    return _page(request, "forums/post_edit.html", standing, context, status=status_of(form))


@both
@in_forum
def post_delete(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Asks first; then a tombstone stays, with the comments."""
    seen = own(standing, number)
    if request.method != "POST":
        return _page(request, "forums/post_delete.html", standing, {"seen": seen, "post": seen.post})
    delete_post(author=viewer_of(request), post_id=seen.post.pk)
    messages.success(request, gettext("The post was deleted."))
    return redirect("post_short", standing.forum.slug, number)


@login_not_required
@require_safe
@in_forum
def post_history(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """What the post said before, for who may read it; of a deleted one for its moderators."""
    seen = seen_post(standing, number)
    if not (seen.is_readable or (seen.post.deleted_at is not None and standing.can(Right.POSTS))):
        raise NotFound
    history = history_of(seen.post, uuid_of(request.GET.get("before", "")))
    return _page(request, "forums/post_history.html", standing, {"seen": seen, "post": seen.post, "history": history})


@both
@in_forum
def post_cross(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """The post once more in another forum, with a text of one's own."""
    seen, person = seen_post(standing, number), viewer_of(request)
    if not seen.may_cross:
        raise Refused("forbidden", gettext("This post cannot be posted once more."))
    forums = [(forum.slug, forum.name) for forum in my_forums(person) if forum.pk != standing.forum.pk]
    initial = {"client_id": fresh()["client_id"], "title": seen.post.title}
    form = CrossForm(request.POST if request.method == "POST" else None, initial=initial, forums=forums)
    if form.is_valid() and (target := _target(form, person)):
        with refusals_beside(form, None):
            check_pace(person)
            made = create_post(author=person, forum_id=target.forum.pk, **_crossed(form, seen))
            return redirect("post_short", target.forum.slug, made.number)
    context = {"seen": seen, "post": seen.post, "form": form}
    return _page(request, "forums/post_cross.html", standing, context, status=status_of(form))


def _target(form: CrossForm, person: User) -> Standing | None:
    """Where it is to be posted, as far as the person may know of it."""
    try:
        return forum_for(person, form.slug)
    except NotFound:
        form.add_error("address", gettext("There is no such forum, or you may not see it."))
        return None


def _crossed(form: CrossForm, seen: Seen) -> dict[str, Any]:
    """What `create_post` takes: its own words, the marks of the first."""
    given = {name: form.cleaned_data[name] for name in ("title", "content", "client_id")}
    return given | {"cross_of": seen.post.pk, "is_spoiler": seen.post.is_spoiler, "is_nsfw": seen.is_nsfw}


@login_not_required
@require_safe
def post_image(request: HttpRequest, key: str, edge: int) -> HttpResponse:
    """A picture, to whoever may read its post now; before there is one, to who chose it."""
    if edge not in EDGES or not _may_see_picture(request, key):
        raise NotFound
    answer = POSTS.answer(key, edge)
    if answer.status_code == 200:
        # Whether one may see it is asked anew, each day and by each person.
        answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def _may_see_picture(request: HttpRequest, key: str) -> bool:
    """Raises NotFound where the forum is not to be seen."""
    person = reader(request)
    image = PostImage.objects.filter(key=key).select_related("post").first()
    if image is None:
        return person is not None and Upload.objects.filter(key=key, author=person).exists()
    standing = standing_in(image.post.forum_id, person)
    return may_read(standing, image.post) and seen_posts(standing).filter(pk=image.post_id).exists()


def own(standing: Standing, number: int) -> Seen:
    """The reader's own post that is still there. Raises NotFound or Refused."""
    seen = seen_post(standing, number)
    if seen.post.deleted_at is not None:
        raise NotFound
    if not seen.is_author:
        raise Refused("forbidden", gettext("Only who wrote a post can change it."))
    return seen


def flairs_for(standing: Standing, present: Flair | None = None) -> Sequence[Flair]:
    """What the person may choose, and what the post has."""
    flairs = Flair.objects.filter(forum=standing.forum, kind=Flair.Kind.POST).order_by("position", "name")
    may_all = standing.can(Right.POSTS)
    return [each for each in flairs if may_all or not each.is_for_moderators or each == present]


def uuid_of(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _page(
    request: HttpRequest, template: str, standing: Standing, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, forum_page(request, standing, at="post", **context), status=status)
