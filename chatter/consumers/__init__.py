"""The one socket: authenticate, frame → action, event → frame."""

from chatter.consumers.socket import ChatConsumer

__all__ = ["ChatConsumer"]
