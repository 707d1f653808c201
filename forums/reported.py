"""What of forums people report: posts and comments, which the forum's moderators decide about, and forums, which the staff does."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.reporting import Kind, Link, Rule, Thing, register
from chatter.core.addresses import address
from chatter.core.errors import NotFound
from forums.addresses import post_url
from forums.models import Comment, Forum, Post
from forums.models import Rule as ForumRule
from forums.permissions import Standing, check_takes_part, held_forum_for, may_read, seen_posts

EXCERPT = 1000


def see_post(viewer: User, key: UUID) -> Thing:
    standing, post = _post(viewer, key)
    if not may_read(standing, post):
        raise NotFound
    check_takes_part(standing)
    return Thing(
        name=post.title,
        url=post_url(standing.forum.slug, post.number, post.title),
        about=post.author,
        place=standing.forum.pk,
        snapshot={"title": post.title, "excerpt": post.content[:EXCERPT], "url": post.url},
        rules=_rules(standing.forum),
    )


def see_comment(viewer: User, key: UUID) -> Thing:
    comment = Comment.objects.select_related("author").filter(pk=key).first()
    if comment is None:
        raise NotFound
    standing, post = _post(viewer, comment.post_id)
    if not may_read(standing, comment):
        raise NotFound
    check_takes_part(standing)
    return Thing(
        name=_("Comment on “%(title)s”") % {"title": post.title if may_read(standing, post) else _("a deleted post")},
        url=reverse("comment", args=[standing.forum.slug, post.number, comment.number]),
        about=comment.author,
        place=standing.forum.pk,
        snapshot={"excerpt": comment.content[:EXCERPT]},
        rules=_rules(standing.forum),
    )


def see_forum(viewer: User, key: UUID) -> Thing:
    forum = held_forum_for(viewer, key).forum
    return Thing(
        name=forum.name,
        url=forum.get_absolute_url(),
        about=forum.owner,
        snapshot={"name": forum.name, "slug": forum.slug, "excerpt": forum.description},
    )


def _post(viewer: User, key: UUID) -> tuple[Standing, Post]:
    """Where one may not see it there is nothing; whoever is banned meanwhile waits for it, or it for them."""
    forum_id = Post.objects.filter(pk=key).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = held_forum_for(viewer, forum_id)
    post = seen_posts(standing).select_related("author").filter(pk=key).first()
    if post is None:
        raise NotFound
    return standing, post


def _rules(forum: Forum) -> list[Rule]:
    rules = ForumRule.objects.filter(forum=forum).order_by("position", "pk")
    return [Rule(*row) for row in rules.values_list("pk", "title")]


def _name_post(post: Post) -> Link:
    return Link(f"{post.forum.slug} #{post.number} {post.title}".strip(), _office("post", post))


def _name_comment(comment: Comment) -> Link:
    post = comment.post
    return Link(f"{post.forum.slug} #{post.number}/{comment.number}", _office("comment", comment))


def _name_forum(forum: Forum) -> Link:
    return Link(str(forum), _office("forum", forum))


def _office(kind: str, row: Any) -> str:
    """Its page in the administration."""
    return address(f"admin:forums_{kind}_change", row.pk)


def register_kinds() -> None:
    posts = Post.objects.select_related("forum")
    comments = Comment.objects.select_related("post__forum")
    register(Kind("post", Post, pgettext_lazy("forum", "Post"), see_post, posts.all, _name_post))
    register(Kind("comment", Comment, pgettext_lazy("forum", "Comment"), see_comment, comments.all, _name_comment))
    register(Kind("forum", Forum, gettext_lazy("Forum"), see_forum, Forum.objects.all, _name_forum))
