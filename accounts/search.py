"""Finding people by what they are called: a bounded number of candidates by index, best first; then who of them may be found."""

from functools import cache

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance

RESULTS_MAX = 50
QUERY_MAX = 80
# Of each kind of likeness so many are looked at: however many are called so, a search costs the same.
CANDIDATES = 100
# Shorter words have too few trigrams to be looked up inside a name.
INSIDE_MIN = 3

# Names that begin so stand together in the index of letters (the last code point ends them). Names that hold it are looked
# for only where few begin so. What nobody may find takes up no candidate's place; the rule itself is accounts_reach().
_CANDIDATES = """
asked as materialized (select upper(%(words)s) words),
begins as materialized (
  (select u.id, 1 rank from accounts_user u
    where upper(u.username) collate "C" between (select words from asked) and (select words || chr(1114111) from asked)
      and {open} order by upper(u.username) collate "C" limit %(candidates)s)
  union all
  (select u.id, 2 from accounts_user u
    where upper(u.display_name) collate "C" between (select words from asked) and (select words || chr(1114111) from asked)
      and {open} order by upper(u.display_name) collate "C" limit %(candidates)s)),
holds as materialized (
  select u.id, 3 rank from accounts_user u
   where (upper(u.display_name) like upper(%(word)s) or upper(u.display_name) like upper(%(inside)s)
          or upper(u.username) like upper(%(inside)s))
     and (select count(*) from begins) < %(candidates)s and {open} limit %(candidates)s),
candidates as (
  select u.id, min(case when upper(u.username) = (select words from asked) then 0 else c.rank end) rank, upper(u.username) letters
    from (select * from begins union all select * from holds) c join accounts_user u on u.id = c.id
   group by u.id order by rank, letters limit 2 * %(candidates)s)
"""
_OPEN = "u.is_active and u.deleted_at is null and not u.is_guest and coalesce(u.privacy ->> 'find', '') <> 'nobody'"
_FOUND = """
with {candidates}
select {columns} from (
  select c.id, c.rank, c.letters from candidates c
   where c.id <> %(viewer)s and accounts_reach(%(viewer)s, c.id, 'find') = 'yes' limit %(limit)s) c
  join accounts_user u on u.id = c.id order by c.rank, c.letters
"""


def find_people(viewer: User, query: str, limit: int = 10) -> list[User]:
    """At most `limit` people whose username or display name begins with `query`, or holds it, best first (one query).

    Only whom the viewer may find: never themselves, guests, the deleted, or anybody whom a block or a wish keeps away.
    An empty query, and a guest, find nobody.
    """
    words = " ".join(query.replace("\0", "").split()).removeprefix("@")[:QUERY_MAX]
    if not words or viewer.is_guest:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(_sql(), {"viewer": viewer.pk, "limit": max(1, min(limit, RESULTS_MAX)), **parameters(words)})
        return [instance(User, row) for row in cursor.fetchall()]


def parameters(words: str) -> dict[str, str | int]:
    """What the candidates are chosen by. A word too short to be looked up inside names is looked up at words' beginnings."""
    literal = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    inside = f"%{literal}%" if len(words) >= INSIDE_MIN else f"{literal}%"
    return {"words": words, "word": f"% {literal}%", "inside": inside, "candidates": CANDIDATES}


@cache
def _sql() -> str:
    return _FOUND.format(candidates=_CANDIDATES.format(open=_OPEN), columns=columns(User, "u"))
