"""The cache on a real Valkey, and while it is away."""

from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import caches
from django.test import RequestFactory

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


def test_while_the_server_is_away_this_process_remembers(cache: ForgivingRedisCache, valkey: Any) -> None:
    cache.set("a", 1)
    valkey.stop()
    assert cache.get("a", "miss") == "miss"
    assert not cache.touch("a", 60)
    assert not cache.delete("a")
    with pytest.raises(ValueError, match="count"):
        cache.incr("count")
    cache.set("b", 2)
    cache.set_many({"c": 3})
    assert cache.get("b") == 2
    assert cache.get_many(["a", "b", "c"]) == {"b": 2, "c": 3}
    assert cache.has_key("b")
    assert cache.add("lock", 1)
    assert not cache.add("lock", 1)
    cache.delete_many(["b", "c", "lock"])
    assert not cache.has_key("b")
    valkey.start()
    cache.set("a", 2)
    assert cache.get("a") == 2


def test_limits_of_the_door_hold_while_the_server_is_away(
    cache: ForgivingRedisCache, valkey: Any, monkeypatch: pytest.MonkeyPatch, rf: RequestFactory
) -> None:
    """allauth counts in the cache: an empty one would let everybody try for ever."""
    monkeypatch.setattr(ratelimit, "cache", cache)
    valkey.stop()
    config, key = {"away": "3/5m/key"}, valkey.url
    uses = [ratelimit.consume(rf.post("/"), app="test", action="away", config=config, key=key) for _use in range(4)]
    assert [use is not None for use in uses] == [True, True, True, False]
    valkey.start()


def test_what_strangers_make_us_count_pushes_no_limit_out_soon() -> None:
    """Without Redis too: 300 other names tried are not enough to try one again."""
    assert caches.create_connection("default")._max_entries >= 20_000


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
