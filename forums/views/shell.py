"""The frame of pages of forums: for people who are signed in the rail and their forums at the side, for visitors a light one;
beside a forum's pages what it is about. Costs three queries: the groups of the rail, one's forums, the forum's rules and people."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import User
from chatter.core.addresses import address
from chatter.core.fragments import remembered, with_token
from forums.actions.coming import may_invite
from forums.permissions import Right, Standing
from forums.reading.surroundings import MyForum, about, my_forums


def reader(request: HttpRequest) -> User | None:
    """Who reads: None for somebody who is signed out."""
    return request.user if isinstance(request.user, User) else None


def forum_page(request: HttpRequest, standing: Standing, *, at: str = "posts", **more: Any) -> dict[str, Any]:
    """What `forums/_layout.html` needs for a page of the forum. `at` says which: "posts" (the listing, with the banner), "post",
    "submit", "search", "about", "settings". `more` joins it."""
    forum = standing.forum
    return {
        **_frame(request, f"forum:{forum.pk}"),
        "forum": forum,
        "standing": standing,
        "forum_at": at,
        "bar_menu": _menu(request, standing),
        "about": _about(standing),
        "settings_url": address("forum_settings", forum.slug) if standing.is_moderator else "",
        **more,
    }


def forums_page(request: HttpRequest, *, at: str = "", **more: Any) -> dict[str, Any]:
    """As `forum_page` for a page of no single forum; `at` is the entry of the side bar that is open: "home", "all", "browse",
    "saved", "drafts"."""
    return {**_frame(request, at), "forum": None, "forum_at": at, **more}


def _frame(request: HttpRequest, here: str) -> dict[str, Any]:
    person = reader(request)
    return {"at": "forums", "person": person, "side": _side(person, here) if person else ""}


def _side(person: User, here: str) -> SafeString:
    """The ways to lists over all forums, and one's own forums under them."""
    rows = [] if person.is_guest else my_forums(person)
    language = get_language() or ""
    lines = [_line(row, here == f"forum:{row.pk}", language) for row in rows]
    return remembered(
        "forums/_side.html",
        gaps={"lines": "".join(lines)},
        here=here,
        has_lines=bool(lines),
        home="" if person.is_guest else address("forum_home"),
        everything=address("forum_all"),
        browse=address("forum_directory"),
        saved="" if person.is_guest else address("forum_saved"),
        drafts="" if person.is_guest else address("forum_drafts"),
        new="" if person.is_guest else address("forum_new"),
        feeds="" if person.is_guest else address("forum_feeds"),
    )


def _about(standing: Standing) -> SafeString:
    """The pane beside the posts; the same words for everybody who reads the forum."""
    forum = standing.forum
    return remembered(
        "forums/_about.html",
        slug=forum.slug,
        name=forum.name,
        description=forum.description,
        is_public=forum.is_public,
        is_nsfw=forum.is_nsfw,
        member_count=forum.member_count,
        post_count=forum.post_count,
        created_at=forum.created_at,
        shown=about(forum),
        filters=address("forum", forum.slug),
        rules=address("forum_about", forum.slug),
        members=address("forum_members", forum.slug) if standing.is_moderator else "",
        log=address("forum_log", forum.slug) if forum.is_log_public else "",
    )


def _menu(request: HttpRequest, standing: Standing) -> SafeString:
    """Join or leave, and what else one does with a forum."""
    forum = standing.forum
    html = remembered(
        "forums/_bar_tools.html",
        slug=forum.slug,
        name=forum.name,
        is_public=forum.is_public,
        is_visitor=standing.person is None,
        is_guest=standing.person is not None and standing.person.is_guest,
        is_owner=standing.is_owner,
        is_in=standing.member is not None,
        is_subscribed=standing.is_subscribed,
        is_banned=standing.ban is not None,
        is_told=standing.member is not None and standing.member.notify == "posts",
        join=address("forum_join", forum.slug),
        leave=address("forum_leave", forum.slug),
        about=address("forum_about", forum.slug),
        settings=address("forum_settings", forum.slug) if standing.is_moderator else "",
        queue=address("forum_queue", forum.slug) if standing.can(Right.POSTS) else "",
        search=address("forum_search", forum.slug),
        follow=address("forum_follow", forum.slug),
        flair=address("forum_my_flair", forum.slug),
        invite=address("forum_invite", forum.slug) if may_invite(standing) else "",
        report=address("report", "forum", forum.pk),
        feed=address("forum_feed", forum.slug) if forum.is_public else "",
    )
    return with_token(html, request)


@lru_cache(maxsize=16384)
def _line(row: MyForum, current: bool, language: str) -> str:
    return get_template("forums/_side_forum.html").render({"row": row, "current": current})
