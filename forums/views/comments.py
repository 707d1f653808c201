"""Pages of comments: parts of the tree for scripts, a comment's own page, and what its author does to it."""

from contextlib import nullcontext
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chat.views.access import refusals_beside, status_of
from chatter.core.asking import wants_json
from chatter.core.errors import NotFound, Refused
from chatter.core.page_cache import shareable
from chatter.core.text import render as rendered
from forums.actions.comments import (
    check_own,
    check_pace,
    checked_content,
    create_comment,
    delete_comment,
    edit_comment,
)
from forums.actions.seen import see_post
from forums.addresses import post_url
from forums.forms.comments import NUMBER_MAX, CommentForm, fresh_form
from forums.models import Comment, Post
from forums.occasions import mentions_for
from forums.permissions import Right, Standing, check_comments, may_read, post_for
from forums.reading.comment_html import Sight, comment_html, more_html, tree_html
from forums.reading.post_page import Seen, pictures_of
from forums.reading.revisions import history_of
from forums.reading.tree import LEVELS, SHOWN, Forest, Line, forest_of, line_of, line_with, lines_since
from forums.views.comment_section import asked_of, sight_of, thread_of
from forums.views.entry import in_forum
from forums.views.shell import forum_page
from forums.web.heads import head_of_post

both = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_safe
@shareable
@in_forum
def comments(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """Some comments of the post without a page around them, for scripts."""
    post, asked = post_for(standing, min(number, NUMBER_MAX)), asked_of(request)
    sight = sight_of(request, standing, post, asked["sort"])
    if asked["only"]:
        return HttpResponse(comment_html(_known(line_with(standing, post, asked["only"])), sight))
    if "since" in request.GET:
        return HttpResponse(_news_html(sight, lines_since(standing, post, asked["since"])))
    under = _known(line_of(standing, post, asked["under"])) if asked["under"] else None
    level = asked["level"]
    forest = forest_of(
        standing, post, sight.sort, under=under and under.id, after=asked["after"], levels=max(LEVELS - level, 1)
    )
    first = forest.answers.get(forest.roots, [])
    more = more_html(sight, under=asked["under"], after=first[-1].number) if forest.has_more and first else ""
    return HttpResponse(tree_html(forest, sight, level=level) + mark_safe(more))  # noqa: S308 -- our own words


def _news_html(sight: Sight, lines: list[Line]) -> str:
    """New comments in one list for each thing that they answer, those that answer another new one in its place."""
    known = {line.id for line in lines}
    forest = Forest(sight.post.pk)
    for line in lines:
        forest.answers.setdefault(line.answered, []).append(line)
    lists = [
        f'<ol data-under="{answered}">{tree_html(forest, sight, roots=roots)}</ol>'
        for answered, roots in forest.answers.items()
        if answered not in known
    ]
    return "".join(lists)


@login_not_required
@require_safe
@shareable
@in_forum
def comment(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """One comment with what it answers and what answers it."""
    post, line = _found(standing, number, comment)
    context = thread_of(request, standing, post, line) | {"post": post, "title": _title(standing, post)}
    see_post(standing.person, post)
    if standing.person is None:
        # The post's page is where this belongs.
        seen = Seen(standing, post)
        context["page_head"] = head_of_post(seen, pictures_of(post) if seen.is_readable else [])
    return render(request, "forums/comment.html", forum_page(request, standing, at="post", **context))


@both
@in_forum
def comment_new(request: HttpRequest, standing: Standing, number: int) -> HttpResponse:
    """A comment on the post itself."""
    post = post_for(standing, min(number, NUMBER_MAX))
    return _write(request, standing, post, None)


@both
@in_forum
def comment_reply(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """A comment on another one."""
    post, line = _found(standing, number, comment)
    if line.deleted_at is not None or line.removed_at is not None:
        raise Refused("locked")
    return _write(request, standing, post, line)


def _write(request: HttpRequest, standing: Standing, post: Post, parent: Line | None) -> HttpResponse:
    check_comments(standing, post)
    person = _person(request)
    form = CommentForm(request.POST, auto_id="comment-%s") if request.method == "POST" else fresh_form()
    if form.is_valid() and not form.cleaned_data["preview"]:
        given = form.cleaned_data
        with _refusals(request, form):
            check_pace(person)
            made = create_comment(
                author=person,
                post_id=post.pk,
                content=given["content"],
                parent_id=parent and parent.id,
                client_id=given["client_id"],
            )
            post.last_comment_number = max(post.last_comment_number, made.number)
            return _answer(request, standing, post, made, status=201)
    return _form_page(request, standing, post, form, parent, "forums/comment_new.html")


@both
@in_forum
def comment_edit(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """Its author changes what it says."""
    post, line = _found(standing, number, comment)
    written = _own(request, line)
    form = CommentForm(request.POST or None, initial={"content": written.content}, auto_id="edit-%s")
    if form.is_valid() and not form.cleaned_data["preview"]:
        with _refusals(request, form):
            edit_comment(editor=_person(request), comment_id=line.id, content=form.cleaned_data["content"])
            return _answer(request, standing, post, written)
    return _form_page(request, standing, post, form, line, "forums/comment_edit.html")


@both
@in_forum
def comment_delete(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """Asks first; then a tombstone stays, and what answers it."""
    post, line = _found(standing, number, comment)
    written = _own(request, line)
    if request.method == "POST":
        delete_comment(author=_person(request), comment_id=line.id)
        return _answer(request, standing, post, written)
    context = {"post": post, "line": line, "title": _title(standing, post), "body": comment_body(line)}
    return render(request, "forums/comment_delete.html", forum_page(request, standing, at="post", **context))


@login_not_required
@require_safe
@in_forum
def comment_history(request: HttpRequest, standing: Standing, number: int, comment: int) -> HttpResponse:
    """What the comment said before, for who may read it; of a deleted one for the moderators."""
    post, line = _found(standing, number, comment)
    written = Comment.objects.get(pk=line.id)
    if not may_read(standing, written) and not (written.deleted_at is not None and standing.can(Right.POSTS)):
        raise NotFound
    context = {"post": post, "line": line, "written": written, "title": _title(standing, post)}
    context["history"] = history_of(written, _uuid(request.GET.get("before", "")))
    return render(request, "forums/comment_history.html", forum_page(request, standing, at="post", **context))


# --- what they share --------------------------------------------------------------------------------------------------


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _known(line: Line | None) -> Line:
    if line is None:
        raise NotFound
    return line


def _found(standing: Standing, number: int, comment: int) -> tuple[Post, Line]:
    post = post_for(standing, min(number, NUMBER_MAX))
    return post, _known(line_of(standing, post, min(comment, NUMBER_MAX)))


def _own(request: HttpRequest, line: Line) -> Comment:
    """The comment of the one who asks. Raises NotFound where it is gone, Refused where it is another's."""
    written = Comment.objects.get(pk=line.id)
    if written.deleted_at is not None:
        raise NotFound
    check_own(written, _person(request))
    return written


def _title(standing: Standing, post: Post) -> str:
    return post.title if may_read(standing, post) else ""


def comment_body(line: Line) -> SafeString:
    return mark_safe(line.html)  # noqa: S308 -- sanitised when it was written


def _refusals(request: HttpRequest, form: CommentForm) -> Any:
    """Beside the field; to a script as the refusal it is."""
    return nullcontext() if wants_json(request) else refusals_beside(form, "content")


def _answer(request: HttpRequest, standing: Standing, post: Post, written: Comment, status: int = 200) -> HttpResponse:
    """The comment as it is now for scripts, else the page where it stands."""
    if wants_json(request):
        line = _known(line_with(standing, post, written.pk))
        return HttpResponse(
            comment_html(line, sight_of(request, standing, post, asked_of(request)["sort"])), status=status
        )
    return redirect(_in_place(standing, post, written))


def _in_place(standing: Standing, post: Post, written: Comment) -> str:
    """Where the comment surely stands: under the post, or on its own page where that shows a part only."""
    if post.last_comment_number <= SHOWN and written.depth < LEVELS:
        page = post_url(standing.forum.slug, post.number, _title(standing, post))
    else:
        page = f"/f/{standing.forum.slug}/{post.number}/c/{written.number}/"
    return f"{page}#c-{written.number}"


def _form_page(
    request: HttpRequest, standing: Standing, post: Post, form: CommentForm, line: Line | None, template: str
) -> HttpResponse:
    """The form on a page of its own, with what it answers or changes and how it would look; alone for scripts."""
    context = {
        "post": post,
        "line": line,
        "form": form,
        "title": _title(standing, post),
        "body": comment_body(line) if line else "",
        "preview": _preview(request, standing, form),
        "forum": standing.forum,
        "cancel": f"/f/{standing.forum.slug}/{post.number}/" + (f"c/{line.number}/" if line else ""),
    }
    if request.headers.get("X-Fragment") == "form":
        return render(request, "forums/_comment_form.html", context)
    return render(request, template, forum_page(request, standing, at="post", **context), status=status_of(form))


def _preview(request: HttpRequest, standing: Standing, form: CommentForm) -> str:
    """What was typed as it would look, where that was asked for."""
    if not form.is_bound or not form.is_valid() or not form.cleaned_data["preview"]:
        return ""
    html = ""
    with refusals_beside(form, "content"):
        text = checked_content(form.cleaned_data["content"])
        html = rendered(text, mentions=mentions_for(_person(request), standing.forum, text)).html
    return mark_safe(html)  # noqa: S308 -- sanitised there


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
