"""The tables of forums in the administration; one module for each concept. Rows change through actions only.

Not here at all: ballots of polls, which are secret, drafts, what people saved, keys of feeds, and what waits for a post.
"""

from forums.admin import people, places, votes, written  # noqa: F401 -- registers them
