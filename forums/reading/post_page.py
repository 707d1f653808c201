"""One post as its reader may see it: with their vote, whether they follow and saved it, its pictures, its poll, what it is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from chatter.core.errors import NotFound
from chatter.core.link_preview import domain_of
from chatter.core.pictures import within
from forums.addresses import post_url
from forums.albums import EDGES
from forums.models import Poll, PollOption, PollVote, Post, PostFollow, PostImage, PostVote, Saved
from forums.permissions import Right, Standing, may_read, seen_posts, standing_in
from forums.reading.scores import shown_score

NUMBER_MAX = 2**31 - 1


@dataclass(frozen=True)
class Seen:
    """A post and how its reader stands to it. `vote` -1, 0 or 1; `follow` as PostFollow.is_on, None without a row."""

    standing: Standing
    post: Post

    @property
    def vote(self) -> int:
        return getattr(self.post, "my_vote", None) or 0

    @property
    def is_saved(self) -> bool:
        return bool(getattr(self.post, "is_saved", False))

    @property
    def follow(self) -> bool | None:
        return getattr(self.post, "my_follow", None)

    @property
    def score(self) -> int | None:
        return shown_score(self.standing.forum, self.post)

    @property
    def shown_title(self) -> str:
        """ "" for who may not read it: the address must not say it either."""
        return self.post.title if self.is_readable else ""

    @property
    def url(self) -> str:
        return post_url(self.standing.forum.slug, self.post.number, self.shown_title)

    @property
    def is_author(self) -> bool:
        return self.standing.person is not None and self.post.author_id == self.standing.person.pk

    @property
    def is_readable(self) -> bool:
        return may_read(self.standing, self.post)

    @property
    def takes_part(self) -> bool:
        person = self.standing.person
        return person is not None and not person.is_guest and self.standing.ban is None

    @property
    def is_gone(self) -> bool:
        return self.post.deleted_at is not None or self.post.removed_at is not None

    @property
    def is_open(self) -> bool:
        """Does anything still happen under it? As permissions.check_open."""
        return not self.is_gone and (self.post.locked_at is None or self.standing.can(Right.POSTS))

    @property
    def may_vote(self) -> bool:
        return self.takes_part and not self.is_gone

    @property
    def may_edit(self) -> bool:
        return self.is_author and self.takes_part and self.is_open

    @property
    def may_delete(self) -> bool:
        return self.is_author and self.post.deleted_at is None

    @property
    def may_read_history(self) -> bool:
        """Who reads the post; of a deleted one its moderators."""
        if self.post.deleted_at is not None:
            return self.standing.can(Right.POSTS)
        return self.post.edited_at is not None and self.is_readable

    @property
    def may_cross(self) -> bool:
        return self.takes_part and self.post.is_listed and self.standing.forum.is_public

    @property
    def is_nsfw(self) -> bool:
        return self.post.is_nsfw or self.standing.forum.is_nsfw

    @property
    def is_covered(self) -> bool:
        """Opened by a click only."""
        return self.post.is_nsfw or self.post.is_spoiler

    @cached_property
    def domain(self) -> str:
        return domain_of(self.post.url) if self.post.url else ""


@dataclass(frozen=True)
class Picture:
    """A picture as the page shows it: the small file where it is narrow, the large one where there is room."""

    key: str
    width: int
    height: int
    alt: str = ""
    pk: UUID | None = None

    @property
    def small(self) -> tuple[int, int]:
        return within(self.width, self.height, EDGES[0])


@dataclass(frozen=True)
class Choice:
    """An option with its count; `share` in percent of those who voted."""

    pk: UUID
    text: str
    votes: int
    share: int
    is_mine: bool


@dataclass(frozen=True)
class ShownPoll:
    poll: Poll
    choices: list[Choice] = field(default_factory=list)
    is_open: bool = False
    may_vote: bool = False

    @property
    def has_voted(self) -> bool:
        return any(choice.is_mine for choice in self.choices)

    @property
    def is_final(self) -> bool:
        """Has the reader voted for good?"""
        return self.has_voted and not self.poll.may_change

    @property
    def asks(self) -> bool:
        """Is there anything for this reader to choose?"""
        return self.may_vote and self.is_open and not self.is_final

    @property
    def closes_at(self) -> datetime | None:
        return self.poll.closes_at


def seen_post(standing: Standing, number: int) -> Seen:
    """The post of that number (one query). Raises NotFound."""
    posts = seen_posts(standing).select_related("author", "flair", "removed_for")
    if standing.person is not None and not standing.person.is_guest:
        posts = _of_reader(posts, standing.person)
    post = posts.filter(number=min(number, NUMBER_MAX)).first()
    if post is None:
        raise NotFound
    post.forum = standing.forum
    return Seen(standing, post)


def _of_reader(posts: QuerySet[Post], person: User) -> QuerySet[Post]:
    votes = PostVote.objects.filter(post=OuterRef("pk"), user=person)
    follows = PostFollow.objects.filter(post=OuterRef("pk"), user=person)
    return posts.annotate(
        my_vote=Subquery(votes.values("value")),
        my_follow=Subquery(follows.values("is_on")),
        is_saved=Exists(Saved.objects.filter(post=OuterRef("pk"), user=person)),
    )


def pictures_of(post: Post) -> list[Picture]:
    """In their order; none of a post of another kind (no query)."""
    if post.kind != Post.Kind.IMAGE:
        return []
    images = PostImage.objects.filter(post=post).order_by("position")
    return [Picture(each.key, each.width, each.height, each.alt, each.pk) for each in images]


def preview_picture(post: Post) -> Picture | None:
    """Of the page that is linked."""
    image = post.preview.get("image") if post.kind == Post.Kind.LINK else None
    return Picture(image["key"], image["width"], image["height"]) if image else None


def poll_of(seen: Seen) -> ShownPoll | None:
    """The poll with its counts and the reader's own ballot (one query); None for posts of other kinds."""
    post, person = seen.post, seen.standing.person
    if post.kind != Post.Kind.POLL:
        return None
    options = PollOption.objects.filter(poll=post.pk).select_related("poll").order_by("position")
    if person is not None:
        mine = PollVote.objects.filter(option=OuterRef("pk"), user=person)
        options = options.annotate(is_mine=Exists(mine))
    rows = list(options)
    if not rows:
        return None
    poll = rows[0].poll
    choices = [_choice(row, poll.voter_count) for row in rows]
    is_open = seen.is_open and (poll.closes_at is None or poll.closes_at > timezone.now())
    return ShownPoll(poll, choices, is_open, seen.takes_part)


def _choice(option: PollOption, voters: int) -> Choice:
    share = round(100 * option.vote_count / voters) if voters else 0
    return Choice(option.pk, option.text, option.vote_count, share, bool(getattr(option, "is_mine", False)))


def original_of(post: Post, person: User | None) -> Seen | None:
    """What a post is posted again of, if this reader may read it there (two queries, none for other posts)."""
    if post.cross_of_id is None:
        return None
    original = Post.objects.filter(pk=post.cross_of_id).values_list("forum_id", "number").first()
    if original is None:
        return None
    try:
        seen = seen_post(standing_in(original[0], person), original[1])
    except NotFound:
        return None
    return seen if seen.is_readable else None
