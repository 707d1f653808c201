"""A forum for tests: Alice owns it, Mod moderates, Bob is a member, Charlie is not; Mallory is, and Alice blocks her."""

from dataclasses import dataclass

from django.db import transaction

from forums.actions.forum import create_forum
from forums.actions.members import admit_member
from forums.actions.posts import create_post
from forums.models import Forum, Member, Post
from forums.permissions import Right, Standing, standing_in
from tests.cast import Cast

MODERATES = Right.POSTS | Right.PEOPLE


@dataclass(frozen=True)
class Place:
    """The forum "Maps" at /f/maps/ with one post by Bob."""

    forum: Forum
    post: Post

    def standing(self, person: object) -> Standing:
        return standing_in(self.forum.pk, person)  # type: ignore[arg-type]


def make_forum(cast: Cast, *, is_public: bool = True, slug: str = "maps") -> Place:
    """Made by the product's own actions."""
    forum = create_forum(owner=cast.alice, name="Maps", slug=slug, description="Maps and more", is_public=is_public)
    with transaction.atomic():
        for person in (cast.bob, cast.mod, cast.mallory):
            admit_member(forum, person)
        Member.objects.filter(forum=forum, user=cast.mod).update(permissions=int(MODERATES))
    post = create_post(
        author=cast.bob, forum_id=forum.pk, title="Fountains of the city", content="All **eleven** of them."
    )
    forum.refresh_from_db()
    return Place(forum, post)
