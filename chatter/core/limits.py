"""How much is too much: token buckets in this process, and counters that all processes share."""

import threading
import time
from collections.abc import Hashable

from django.conf import settings
from django.core.cache import cache

from chatter.core.errors import Refused

FULL_BUCKETS_KEPT = 10_000


class Bucket:
    """`burst` tokens, refilled at `rate` a second."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, burst: float, rate: float) -> None:
        self.burst = burst
        self.rate = rate
        self.tokens = burst
        self.at = time.monotonic()

    def take(self) -> float | None:
        """Take a token. None if there was one, else the seconds until there will be."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if not settings.CHATTER_RATE_LIMITS:
            return None
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        return (1 - self.tokens) / self.rate

    def give_back(self) -> None:
        self.tokens = min(self.burst, self.tokens + 1)

    @property
    def is_full(self) -> bool:
        return self.tokens + (time.monotonic() - self.at) * self.rate >= self.burst


class Buckets:
    """A bucket for each key. They outlive connections: who reconnects gets no new one."""

    def __init__(self, burst: float, rate: float) -> None:
        self.burst = burst
        self.rate = rate
        self.buckets: dict[Hashable, Bucket] = {}

    def __getitem__(self, key: Hashable) -> Bucket:
        bucket = self.buckets.get(key)
        if bucket is None:
            if len(self.buckets) >= FULL_BUCKETS_KEPT:
                self.forget_full()
            bucket = self.buckets[key] = Bucket(self.burst, self.rate)
        return bucket

    def forget_full(self) -> None:
        self.buckets = {key: bucket for key, bucket in self.buckets.items() if not bucket.is_full}


def check_limit(scope: str, key: object, *, limit: int, seconds: int) -> None:
    """Count one use of `scope` by `key`; at most `limit` in each window of `seconds`, over all processes.

    Raises Refused("rate_limited"). While the shared cache is away each process counts for itself.
    """
    if not settings.CHATTER_RATE_LIMITS:
        return
    now = time.time()
    window = int(now // seconds)
    if _counted(f"limit:{scope}:{key}:{window}", seconds * 2) > limit:
        raise Refused("rate_limited", retry_after=round((window + 1) * seconds - now, 1))


def _counted(name: str, timeout: int) -> int:
    cache.add(name, 0, timeout=timeout)
    try:
        return cache.incr(name)
    except ValueError:  # the cache went away between the two, and this process begins to count
        cache.add(name, 0, timeout=timeout)
        return cache.incr(name)


class Seldom:
    """What is done at most once in `seconds` for each key, in this process. Remembers `keep` keys and no more."""

    def __init__(self, seconds: float, keep: int = 50_000) -> None:
        self.seconds = seconds
        self.keep = keep
        self.lock = threading.Lock()
        self.done: dict[Hashable, float] = {}

    def is_due(self, key: Hashable) -> bool:
        """Is it time again? Whoever hears yes does it: the next one to ask hears no."""
        now = time.monotonic()
        with self.lock:
            if now - self.done.get(key, -self.seconds) < self.seconds:
                return False
            # The newest stand last, the first in line is forgotten.
            self.done.pop(key, None)
            self.done[key] = now
            if len(self.done) > self.keep:
                del self.done[next(iter(self.done))]
        return True

    def forget(self) -> None:
        with self.lock:
            self.done.clear()
