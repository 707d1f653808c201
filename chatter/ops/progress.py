"""A progress bar for commands that take long: one moving line on a terminal, a line for every tenth elsewhere."""

import time
from types import TracebackType
from typing import Self, TextIO

WIDTH = 30


class Progress:
    """`with Progress(stream, "messages") as progress: progress.show(done, total)`."""

    def __init__(self, stream: TextIO, things: str) -> None:
        self.stream = stream
        self.things = things
        self.moves = stream.isatty()
        self._started = time.monotonic()
        self._tenths = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.moves:
            self._write("\n")

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    def show(self, done: int, total: int) -> None:
        """Say that `done` of `total` are there."""
        share = done / total if total else 1.0
        if self.moves:
            bar = "█" * int(share * WIDTH)
            self._write(f"\r{bar:·<{WIDTH}} {share:4.0%}  {done:,} {self.things}, {self.seconds:.0f} s ")
        elif int(share * 10) > self._tenths:
            self._tenths = int(share * 10)
            self._write(f"{share:4.0%}  {done:,} {self.things}, {self.seconds:.0f} s\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
