"""The listening socket of the web server, opened early so that a taken port is told at once."""

import errno
import os
import socket

from chatter.ops.errors import OpsError


def open_listener(host: str, port: int) -> socket.socket:
    """A socket listening at `host`:`port`; OpsError in one line when it cannot be had."""
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise OpsError(_reason(host, port, error)) from error


def _reason(host: str, port: int, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop it, or choose another with PORT={port + 1}."
    if number == errno.EACCES:
        return f"Port {port} needs rights this user does not have: choose one above 1023 with PORT=8000."
    return f"Cannot listen on {host}:{port}: {os.strerror(number) if number and number > 0 else error}."
