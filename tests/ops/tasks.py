"""Background tasks for tests, where a worker in a process of its own finds them."""

from pathlib import Path

from accounts.background import GiveUp, NotNow, background

ran: list[str] = []


@background(retries=2)
def note(word: str) -> None:
    ran.append(word)


@background(retries=2)
def fail() -> None:
    raise RuntimeError("not today")


@background(retries=2)
def give_up() -> None:
    raise GiveUp("never")


@background(retries=2)
def come_again() -> None:
    raise NotNow(1000)


@background(retries=1)
def say_and_wait(says: str, waits: str) -> None:
    """Say in the pipe `says` that it has begun, end when somebody writes into the pipe `waits`."""
    Path(says).write_text("begun", encoding="utf-8")
    Path(waits).read_text(encoding="utf-8")
