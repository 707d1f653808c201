"""The web server: uvicorn with the settings the live side was measured with. Commands and tests start it from here."""

import os
import socket
from pathlib import Path
from typing import Any

import uvicorn

from chatter.ops.listener import open_listener

# Frames over 64 KiB get a refusal in words from the consumer; what is far over never gets into memory.
LARGEST_FRAME = 1024 * 1024
SHUTDOWN_SECONDS = 10


def web_config(app: Any, **given: Any) -> uvicorn.Config:
    """uvicorn's configuration for `app`; `given` adds the address."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        # Clients ping (protocol.md); compression costs more time than the loopback or a LAN saves.
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        # Whom to believe about forwarded addresses is CHATTER_TRUSTED_PROXIES' business.
        proxy_headers=False,
        lifespan="on",
        server_header=False,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        **given,
    )


def serve(*, host: str, port: int, listener: int | None = None, gate: int | None = None) -> None:
    """Serve until a signal ends it; on the inherited socket `listener` where given.

    With `gate`, a pipe's end: everything is imported first, and serving begins when a plus sign comes through it.
    """
    from django.conf import settings  # noqa: PLC0415 -- importing this module must not need Django

    # WhiteNoise warns about a missing folder; without `collectstatic` it finds the files where they lie.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    from chatter.asgi import application  # noqa: PLC0415 -- its import makes WhiteNoise look

    config = web_config(application, host=host, port=port)
    config.load()
    if gate is not None and os.read(gate, 1) != b"+":
        return
    listening = open_listener(host, port) if listener is None else socket.socket(fileno=listener)
    uvicorn.Server(config).run(sockets=[listening])
