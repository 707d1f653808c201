"""The cache on a real Valkey, and while it is away."""

from typing import Any

import pytest

from chatter.core import limits
from chatter.core.cache import ForgivingRedisCache
from chatter.core.errors import Refused


@pytest.fixture
def cache(valkey: object) -> ForgivingRedisCache:
    return ForgivingRedisCache(valkey.url, {"KEY_PREFIX": "test"})  # type: ignore[attr-defined]


def test_it_caches(cache: ForgivingRedisCache) -> None:
    cache.set("a", {"deep": [1]})
    cache.set_many({"b": 2, "c": 3})
    assert cache.get("a") == {"deep": [1]}
    assert cache.get_many(["b", "c", "d"]) == {"b": 2, "c": 3}
    assert cache.incr("b") == 3
    assert cache.add("b", 9) is False
    assert cache.touch("b", 60)
    assert cache.has_key("b")
    assert cache.delete("b")
    cache.delete_many(["c"])
    assert cache.get("c", "gone") == "gone"


def test_while_the_server_is_away_it_is_an_empty_cache(cache: ForgivingRedisCache, valkey: object) -> None:
    cache.set("a", 1)
    valkey.stop()  # type: ignore[attr-defined]
    cache.set("b", 2)
    cache.set_many({"b": 2})
    cache.delete_many(["b"])
    assert cache.get("a", "miss") == "miss"
    assert cache.get_many(["a"]) == {}
    assert not cache.has_key("a")
    assert not cache.touch("a", 60)
    assert not cache.delete("a")
    assert cache.add("lock", 1)
    with pytest.raises(ValueError, match="count"):
        cache.incr("count")
    valkey.start()  # type: ignore[attr-defined]
    cache.set("a", 2)
    assert cache.get("a") == 2


def test_limits_hold_while_the_server_is_away(
    cache: ForgivingRedisCache, valkey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process counts for itself; that nothing answers must not mean that nothing is counted."""
    monkeypatch.setattr(limits, "cache", cache)
    valkey.stop()
    for _use in range(3):
        limits.check_limit("away", valkey.url, limit=3, seconds=3600)
    with pytest.raises(Refused):
        limits.check_limit("away", valkey.url, limit=3, seconds=3600)
    valkey.start()
