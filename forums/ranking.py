"""How posts and comments are ranked, by their votes and their age. Pure: counts and times in, numbers out; larger stands first.

Sources: `hot` and `controversy` are those of Reddit's published code (r2/r2/lib/db/_sorts.pyx, 2008–2017); `best` is the lower bound
of the score interval for a binomial proportion by E. B. Wilson (1927), as E. Miller proposed it for ratings ("How Not To Sort By
Average Rating", 2009).
"""

from datetime import UTC, datetime
from math import log10, sqrt

# Ten times the votes weigh as much as so many seconds of youth: twelve and a half hours.
SECONDS_PER_DECADE = 45_000.0
# Where the count of seconds begins; any fixed time would do, this one keeps numbers small.
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
# The standard score of the interval: 80 % of the true proportions lie within it.
Z = 1.281551565545


def hot(up: int, down: int, created_at: datetime) -> float:
    """Rank by score and youth: it changes with votes only, so that an index can hold it."""
    score = up - down
    sign = (score > 0) - (score < 0)
    return sign * log10(max(abs(score), 1)) + (created_at - EPOCH).total_seconds() / SECONDS_PER_DECADE


def best(up: int, down: int) -> float:
    """The share of up-votes that is likely to be exceeded, 0–1, the less certain the fewer votes there are."""
    count = up + down
    if count == 0:
        return 0.0
    share, z2 = up / count, Z * Z
    margin = Z * sqrt(max(0.0, share * (1 - share) / count + z2 / (4 * count * count)))
    return max(0.0, (share + z2 / (2 * count) - margin) / (1 + z2 / count))


def controversy(up: int, down: int) -> float:
    """Many votes, and as many up as down; 0 where all agree."""
    if up <= 0 or down <= 0:
        return 0.0
    balance = min(up, down) / max(up, down)
    return float((up + down) ** balance)
