"""The cache on Redis or Valkey, which may go away: then this process's own memory stands in, and limits go on counting."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Bounds what strangers can make this process remember.
ENTRIES_MAX = 20_000
# Keys come with their prefix and version; nothing is added to them here.
stand_in = LocMemCache(
    "chatter.core.cache", {"KEY_FUNCTION": lambda key, _prefix, _version: key, "MAX_ENTRIES": ENTRIES_MAX}
)


def or_else[T](call: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """What `call` returns, or `otherwise` while the server is away or of no use."""
    try:
        return call()
    except RedisError as error:
        log.warning("The cache is away: %s", error)
        return otherwise()


class ForgivingClient(RedisCacheClient):
    """Django's client; while the server is away each call is answered by `stand_in`."""

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return or_else(
            lambda: super(ForgivingClient, self).add(key, value, timeout), lambda: stand_in.add(key, value, timeout)
        )

    def get(self, key: Any, default: Any) -> Any:
        return or_else(lambda: super(ForgivingClient, self).get(key, default), lambda: stand_in.get(key, default))

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        or_else(
            lambda: super(ForgivingClient, self).set(key, value, timeout), lambda: stand_in.set(key, value, timeout)
        )

    def touch(self, key: Any, timeout: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).touch(key, timeout), lambda: stand_in.touch(key, timeout))

    def delete(self, key: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).delete(key), lambda: stand_in.delete(key))

    def get_many(self, keys: Any) -> Any:
        return or_else(lambda: super(ForgivingClient, self).get_many(keys), lambda: stand_in.get_many(keys))

    def has_key(self, key: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).has_key(key), lambda: stand_in.has_key(key))

    def incr(self, key: Any, delta: Any) -> Any:
        """Raises ValueError for a key that is not there, also where it was before the server went away."""
        return or_else(lambda: super(ForgivingClient, self).incr(key, delta), lambda: stand_in.incr(key, delta))

    def set_many(self, data: Any, timeout: Any) -> None:
        or_else(
            lambda: super(ForgivingClient, self).set_many(data, timeout),
            lambda: stand_in.set_many(data, timeout) and None,
        )

    def delete_many(self, keys: Any) -> None:
        or_else(lambda: super(ForgivingClient, self).delete_many(keys), lambda: stand_in.delete_many(keys))


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with that client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
