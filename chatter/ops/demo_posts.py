"""What a demo of a forum is made of: its shape, and a person's letter."""

from dataclasses import dataclass

HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, so many minutes after what it answers, with who votes for and against it besides its author."""

    speaker: str
    text: str
    later: int = 25
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    replies: tuple["Said", ...] = ()


@dataclass(frozen=True, slots=True)
class DemoPost:
    """`author` posts it so many minutes ago. With a `url` it is a link, with `options` a poll, with `picture` an image with that
    description. `ballots` are the options (from 0) that people choose."""

    minutes_ago: int
    author: str
    title: str
    text: str = ""
    flair: str = ""
    url: str = ""
    picture: str = ""
    options: tuple[str, ...] = ()
    ballots: tuple[tuple[str, int], ...] = ()
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    comments: tuple[Said, ...] = ()
    is_pinned: bool = False
    is_locked: bool = False
    is_spoiler: bool = False


@dataclass(frozen=True, slots=True)
class DemoFlair:
    name: str
    hue: int
    of_people: bool = False
    only_moderators: bool = False


@dataclass(frozen=True, slots=True)
class DemoForum:
    """`worn` says who wears which flair of people."""

    slug: str
    name: str
    description: str
    owner: str
    moderators: tuple[str, ...]
    members: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    flairs: tuple[DemoFlair, ...]
    worn: tuple[tuple[str, str], ...]
    posts: tuple[DemoPost, ...]
    posting: str = "everyone"


A, B, C, D = "alice", "bob", "charlie", "admin"
