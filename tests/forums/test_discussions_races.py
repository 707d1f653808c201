"""The rooms of posts when several things happen at once: nobody ends up in one whose right was taken meanwhile."""

from functools import partial

import pytest

from chat.models import Conversation, Membership
from forums.actions.bans import ban_person
from forums.actions.discussions import enter_discussion
from forums.actions.forum import edit_forum
from forums.actions.marks import lock_post
from forums.actions.moderation import remove_post
from forums.models import Post
from tests.cast import make_cast, say
from tests.factories import make_person
from tests.forums.cast import make_forum
from tests.forums.test_community_races import Deed, at_once, broken


@pytest.mark.django_db(transaction=True)
def test_it_is_opened_once_and_nobody_slips_in() -> None:
    cast = make_cast()
    maps = make_forum(cast)
    openers: list[Deed] = [
        partial(enter_discussion, person=person, post_id=maps.post.pk) for person in (cast.bob, cast.mod, cast.bob)
    ]
    assert at_once(openers) == []
    room = Conversation.objects.get(kind="discussion")
    people = [make_person() for _number in range(3)]
    deeds: list[Deed] = [partial(enter_discussion, person=person, post_id=maps.post.pk) for person in people]
    deeds += [
        partial(ban_person, moderator=cast.mod, forum_id=maps.forum.pk, person_id=person.pk, reason="Spam")
        for person in people[:2]
    ]
    deeds.append(partial(say, people[0], room, "Hello"))
    at_once(deeds)
    inside = set(Membership.objects.active().filter(conversation=room).values_list("user_id", flat=True))
    assert inside == {cast.bob.pk, cast.mod.pk, people[2].pk}
    assert broken() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("loss", ["private", "removed", "locked"])
def test_who_joins_while_the_right_goes(loss: str) -> None:
    cast = make_cast()
    maps = make_forum(cast)
    enter_discussion(person=cast.bob, post_id=maps.post.pk)
    losses: dict[str, Deed] = {
        "private": partial(edit_forum, actor=cast.alice, forum_id=maps.forum.pk, is_public=False),
        "removed": partial(remove_post, moderator=cast.mod, post_id=maps.post.pk, reason="No"),
        "locked": partial(lock_post, moderator=cast.mod, post_id=maps.post.pk, is_locked=True),
    }
    people = [cast.charlie, make_person(), make_person()]
    deeds: list[Deed] = [partial(enter_discussion, person=person, post_id=maps.post.pk) for person in people]
    at_once([*deeds[:2], losses[loss], *deeds[2:]])
    assert broken() == []
    room = Post.objects.get(pk=maps.post.pk).discussion
    others = Membership.objects.active().filter(conversation=room, user__in=people).count()
    assert others == 0 or loss == "locked"
