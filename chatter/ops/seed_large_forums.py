"""Forums of a big community: posts, trees of comments, polls and votes, with counters and ranks as the product would have them.

Made in this process and copied by the tables' owner (`bulk`), since rows one by one would take hours.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chatter.ops import large_posts, large_talk
from chatter.ops.bulk import Database, Spool, as_owner, bare, escaped, timed_id
from chatter.ops.large_posts import Node, Ring, Text
from forums import ranking
from forums.models import Flair, Forum, Member, Poll, PollOption, PollVote, Rule
from forums.permissions import Right

Progress = Callable[[int, int], None]
AGE = timedelta(days=730)
# Comments of one post come within so long.
TALK = timedelta(days=3)
MODERATES = Right.POSTS | Right.PEOPLE
FLAIRS = ("Question", "Report", "Found", "Advice")
RULES = ("Be kind", "Say where you have it from", "One thing, one post")
COMMENT_VOTES = 2.5
PRIVATE_EVERY = 10
# The first posts of the largest forum: one with very many comments, one with very deep ones. No other has so many.
BROAD, DEEP, MOST = 5_000, 10_000, 2_000

_POST = (
    *("id", "forum_id", "number", "author_id", "kind", "title", "content", "html", "excerpt", "url", "flair_id"),
    *("up_count", "down_count", "score", "hot", "controversy", "comment_count", "last_comment_number", "created_at"),
)
_COMMENT = (
    *("id", "post_id", "number", "parent_id", "depth", "author_id", "content", "html", "up_count", "down_count"),
    *("score", "best", "controversy", "reply_count", "created_at"),
)
TABLES = ("forums_post", "forums_comment", "forums_postvote", "forums_commentvote")


@dataclass(frozen=True, slots=True)
class ForumsSize:
    """How much of everything."""

    forums: int = 100
    posts: int = 100_000
    comments: int = 1_000_000
    votes: int = 5_000_000

    @property
    def rows(self) -> int:
        return self.posts + self.comments + self.votes


@dataclass
class _Place:
    """A forum on its way: who writes there, and what belongs to it."""

    forum: Forum
    people: list[str]
    ring: Ring
    flairs: list[UUID]


class _Made(NamedTuple):
    """A post whose votes are not there yet."""

    key: UUID
    head: str
    author: str
    ring: Ring
    comments: int


@dataclass
class _Maker:
    """Makes posts with all that hangs on them, into files."""

    size: ForumsSize
    chance: random.Random
    texts: list[Text]
    now: int
    progress: Progress
    done: int = 0
    polls: list[tuple[UUID, _Place]] = field(default_factory=list)
    posts_made: list[_Made] = field(default_factory=list)
    post: Spool = field(default_factory=lambda: Spool(TABLES[0], _POST))
    comment: Spool = field(default_factory=lambda: Spool(TABLES[1], _COMMENT))
    post_vote: Spool = field(default_factory=lambda: Spool(TABLES[2], ("post_id", "user_id", "value", "created_at")))
    comment_vote: Spool = field(
        default_factory=lambda: Spool(TABLES[3], ("comment_id", "user_id", "value", "created_at"))
    )

    @property
    def spools(self) -> tuple[Spool, ...]:
        return self.post, self.comment, self.post_vote, self.comment_vote

    def tell(self, rows: int) -> None:
        """Making is half of the work, copying the other."""
        self.done += rows
        self.progress(self.done // 2, self.size.rows)

    def new_id(self, milliseconds: int) -> UUID:
        return timed_id(milliseconds, self.chance.getrandbits(74))

    def vote(self, spool: Spool, target: UUID, voters: list[str], when: str) -> tuple[int, int]:
        """The rows of the votes; returns how many are for and against."""
        up, down = large_posts.split(len(voters), int(self.chance.random() * 8))
        lines = [f"{target}\t{person}\t1\t{when}\n" for person in voters[:up]]
        lines += [f"{target}\t{person}\t-1\t{when}\n" for person in voters[up:]]
        spool.add("".join(lines), len(lines))
        return up, down


def make_large_forums(people: Sequence[User], size: ForumsSize, progress: Progress) -> None:
    """Make so many forums with so much in them. The people are there already."""
    if not size.forums:
        return
    chance = random.Random(13)  # noqa: S311 -- the same forums every time
    before = Forum.objects.count()
    places = [_make_place(people, before + number, chance) for number in range(size.forums)]
    now = int(timezone.now().timestamp() * 1000)
    maker = _Maker(size, chance, [_escaped(each) for each in large_posts.texts(chance)], now, progress)
    several = large_posts.shares(size.posts, [size.posts] * len(places), chance, least=1)
    for place, count in zip(places, several, strict=True):
        _fill(maker, place, count, is_largest=count == max(several))
    _vote_on_posts(maker)
    with as_owner() as owner:
        _copy(maker, owner)
    _make_polls(maker)
    progress(size.rows, size.rows)


def _copy(maker: _Maker, owner: Database) -> None:
    with bare(owner, TABLES):
        for spool in maker.spools:
            before = maker.done
            for share in spool.copy(owner):
                maker.progress((before + int(spool.rows * share)) // 2, maker.size.rows)
            maker.done = before + spool.rows
    owner.commit()
    owner.autocommit = True
    for table in (*TABLES, "forums_forum", "forums_member"):
        owner.execute(f"vacuum analyze {table}".encode())


def _make_polls(maker: _Maker) -> None:
    """Three options each, and some ballots."""
    polls, options, ballots = [], [], []
    for key, place in maker.polls:
        voters = place.ring.around(place.people[0], 1 + int(maker.chance.random() * 30), maker.chance)
        polls.append(Poll(post_id=key, voter_count=len(voters)))
        three = [PollOption(poll_id=key, position=each, text=large_talk.TOPICS[each]) for each in range(3)]
        for person in voters:
            option = three[int(3 * maker.chance.random() ** 2)]
            option.vote_count += 1
            ballots.append(PollVote(poll_id=key, option=option, user_id=UUID(person)))
        options += three
    with transaction.atomic():
        Poll.objects.bulk_create(polls, 2000)
        PollOption.objects.bulk_create(options, 2000)
        PollVote.objects.bulk_create(ballots, 2000)


def _make_place(people: Sequence[User], number: int, chance: random.Random) -> _Place:
    """A forum with members, moderators, rules and flairs; every tenth is private, and its members alone write there."""
    inside = chance.sample(list(people), max(2, int(len(people) * (0.05 + 0.5 * chance.random() ** 2))))
    topic = large_talk.TOPICS[number % len(large_talk.TOPICS)]
    is_public = number % PRIVATE_EVERY != PRIVATE_EVERY - 1
    with transaction.atomic():
        forum = Forum.objects.create(
            slug=f"{topic.lower().replace(' ', '-')}-{number + 1}",
            name=f"{topic} {number + 1}",
            description="Made to measure with.",
            owner=inside[0],
            is_public=is_public,
            member_count=len(inside),
            is_nsfw=number % 25 == 24,
        )
        bits = [0, int(MODERATES), int(MODERATES), *[0] * len(inside)]
        Member.objects.bulk_create(
            [Member(forum=forum, user=person, permissions=bits[place]) for place, person in enumerate(inside)], 2000
        )
        flairs = Flair.objects.bulk_create(
            [
                Flair(forum=forum, name=name, hue=(3 * place + 1) % 12, position=place)
                for place, name in enumerate(FLAIRS)
            ]
        )
        Rule.objects.bulk_create([Rule(forum=forum, title=title, position=place) for place, title in enumerate(RULES)])
    writers = [str(person.pk) for person in (people if is_public else inside)]
    return _Place(forum, writers, Ring(writers, chance), [flair.pk for flair in flairs])


def _escaped(each: Text) -> Text:
    return Text(*map(escaped, each))


def _fill(maker: _Maker, place: _Place, count: int, *, is_largest: bool) -> None:
    """The posts of a forum over the last two years, each with its comments."""
    chance, span = maker.chance, int(AGE.total_seconds() * 1000)
    left = maker.size.comments * count // maker.size.posts
    special = [BROAD, DEEP] if is_largest and left > 4 * (BROAD + DEEP) else []
    several = large_posts.shares(max(0, left - sum(special)), [MOST] * (count - len(special)), chance)
    times = sorted(maker.now - int(span * chance.random()) - 600_000 for _ in range(count))
    titles = large_posts.titles(chance)
    for number, (when, comments) in enumerate(zip(times, [*special, *several], strict=True), start=1):
        is_deep = bool(special) and number == 2
        nodes = large_posts.chain(comments) if is_deep else large_posts.tree(comments, chance)
        _make_post(maker, place, number, when, next(titles), nodes)
    Forum.objects.filter(pk=place.forum.pk).update(
        last_number=count, post_count=count, created_at=moment(times[0] - 86_400_000)
    )


def _make_post(maker: _Maker, place: _Place, number: int, when: int, title: str, nodes: list[Node]) -> None:
    """One post; its own line is written when its votes are known."""
    chance = maker.chance
    key, author = maker.new_id(when), place.people[int(chance.random() * len(place.people))]
    said = maker.texts[int(chance.random() * len(maker.texts))]
    kind = "poll" if number % 100 == 50 else "link" if number % 7 == 3 else "text"
    is_link = kind == "link"
    content, html, plain = Text("", "", "") if is_link else said
    url = f"https://www.example.org/{number}" if is_link else ""
    flair = str(place.flairs[number % len(place.flairs)]) if number % 2 else "\\N"
    head = f"{key}\t{place.forum.pk}\t{number}\t{author}\t{kind}\t{escaped(title)}"
    head += f"\t{content}\t{html}\t{plain}\t{url}\t{flair}"
    _make_comments(maker, place, key, when, nodes)
    maker.posts_made.append(_Made(key, head, author, place.ring, len(nodes)))
    if kind == "poll":
        maker.polls.append((key, place))
    maker.tell(1)


def _make_comments(maker: _Maker, place: _Place, post: UUID, begun: int, nodes: list[Node]) -> None:
    chance, people, texts = maker.chance, place.people, maker.texts
    replies = [0] * len(nodes)
    for node in nodes:
        if node.parent >= 0:
            replies[node.parent] += 1
    step = max(2, min(int(TALK.total_seconds() * 1000), maker.now - begun) // (len(nodes) + 1))
    keys: list[UUID] = []
    lines: list[str] = []
    votes = maker.comment_vote.rows
    for number, (node, answers) in enumerate(zip(nodes, replies, strict=True), start=1):
        at = begun + step * number
        key, when = maker.new_id(at), moment(at).isoformat()
        keys.append(key)
        author = people[int(chance.random() * len(people))]
        voters = place.ring.around(author, 1 + int(chance.expovariate(1 / (COMMENT_VOTES - 1))), chance)
        up, down = maker.vote(maker.comment_vote, key, voters, when)
        said = texts[int(chance.random() * len(texts))]
        parent = keys[node.parent] if node.parent >= 0 else "\\N"
        best, disputed = comment_ranks(up, down)
        lines.append(
            f"{key}\t{post}\t{number}\t{parent}\t{node.depth}\t{author}\t{said.content}\t{said.html}\t{up}\t{down}"
            f"\t{up - down}\t{best!r}\t{disputed!r}\t{answers}\t{when}\n"
        )
    maker.comment.add("".join(lines), len(lines))
    maker.tell(len(lines) + maker.comment_vote.rows - votes)


def _vote_on_posts(maker: _Maker) -> None:
    """All votes that the comments have left, over all posts; then the posts' lines are whole."""
    left = maker.size.votes - maker.comment_vote.rows
    most = [made.ring.size for made in maker.posts_made]
    several = large_posts.shares(left, most, maker.chance, least=1)
    for (key, head, author, ring, comments), count in zip(maker.posts_made, several, strict=True):
        created = moment(key.int >> 80)
        when = created.isoformat()
        up, down = maker.vote(maker.post_vote, key, ring.around(author, count, maker.chance), when)
        hot, disputed = ranking.hot(up, down, created), ranking.controversy(up, down)
        maker.post.add(f"{head}\t{up}\t{down}\t{up - down}\t{hot!r}\t{disputed!r}\t{comments}\t{comments}\t{when}\n")
        maker.tell(count)


@lru_cache(maxsize=100_000)
def comment_ranks(up: int, down: int) -> tuple[float, float]:
    return ranking.best(up, down), ranking.controversy(up, down)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
