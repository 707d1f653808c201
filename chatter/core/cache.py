"""The cache on Redis or Valkey, which may go away: a lost connection is a miss, never an error page."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger(__name__)


def or_else[T](call: Callable[[], T], miss: T) -> T:
    """What `call` returns, or `miss` while the server is away."""
    try:
        return call()
    except (RedisConnectionError, RedisTimeoutError) as error:
        log.warning("The cache is away: %s", error)
        return miss


class ForgivingClient(RedisCacheClient):
    """Django's client; each call answers as an empty cache would while the server is away."""

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).add(key, value, timeout), miss=True)

    def get(self, key: Any, default: Any) -> Any:
        return or_else(lambda: super(ForgivingClient, self).get(key, default), miss=default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        or_else(lambda: super(ForgivingClient, self).set(key, value, timeout), miss=None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).touch(key, timeout), miss=False)

    def delete(self, key: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).delete(key), miss=False)

    def get_many(self, keys: Any) -> Any:
        empty: dict[Any, Any] = {}
        return or_else(lambda: super(ForgivingClient, self).get_many(keys), miss=empty)

    def has_key(self, key: Any) -> bool:
        return or_else(lambda: super(ForgivingClient, self).has_key(key), miss=False)

    def incr(self, key: Any, delta: Any) -> Any:
        """Raises ValueError, as for a key that is not there: who counts must know that nothing is counted here."""
        count = or_else(lambda: super(ForgivingClient, self).incr(key, delta), miss=None)
        if count is None:
            raise ValueError(f"Key '{key}' not found")
        return count

    def set_many(self, data: Any, timeout: Any) -> None:
        or_else(lambda: super(ForgivingClient, self).set_many(data, timeout), miss=None)

    def delete_many(self, keys: Any) -> None:
        or_else(lambda: super(ForgivingClient, self).delete_many(keys), miss=None)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with that client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
