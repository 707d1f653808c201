"""The socket of a page in a test's hands: what it carries can be held back, swallowed, or cut off."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

Frame = dict[str, Any]


class Wire:
    """Stands between a page (set up before it opens) and the server."""

    def __init__(self, page: Page) -> None:
        self.opened = 0
        self.sent: list[Frame] = []
        self._held: list[str] = []
        self._holding: str | None = None
        self._swallow: Callable[[Frame], bool] = lambda _frame: False
        self._refusing = False
        self._page: WebSocketRoute | None = None
        self._server: WebSocketRoute | None = None
        page.route_web_socket("**/ws/", self._open)

    def _open(self, route: WebSocketRoute) -> None:
        self.opened += 1
        if self._refusing:
            route.close(code=1012)
            return
        self._page, self._server = route, route.connect_to_server()
        route.on_message(self._from_page)
        self._server.on_message(self._from_server)

    def _from_page(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.sent.append(frame)
        assert self._server is not None
        if self._holding and frame["cmd"] == self._holding:
            self._held.append(str(text))
        else:
            self._server.send(text)

    def _from_server(self, text: str | bytes) -> None:
        assert self._page is not None
        if not self._swallow(json.loads(text)):
            self._page.send(text)

    def hold(self, command: str | None) -> None:
        """Keep the page's commands of this kind back (None: no more of them)."""
        self._holding = command

    def release(self) -> None:
        """Let through what was held, and hold no more."""
        assert self._server is not None
        self._holding = None
        for text in self._held:
            self._server.send(text)
        self._held.clear()

    def swallow(self, lost: Callable[[Frame], bool]) -> None:
        """Lose the server's frames for which `lost` is true."""
        self._swallow = lost

    def cut(self, *, code: int = 1012) -> None:
        """Close both ends, and refuse whoever knocks until `mend`."""
        self._refusing = True
        assert self._page is not None and self._server is not None
        self._server.close()
        self._page.close(code=code)

    def mend(self) -> None:
        self._refusing = False
