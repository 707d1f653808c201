"""Refusals in words."""

from chatter.core.errors import Refused


def test_slow_mode_says_how_long_to_wait() -> None:
    assert str(Refused("slow_mode", retry_after=41.2)).endswith("(0:00:42)")
    assert str(Refused("slow_mode", "Later", retry_after=6 * 3600)) == "Later (6:00:00)"
    assert "(" not in str(Refused("slow_mode"))
    assert "(" not in str(Refused("timed_out", retry_after=41.2))
