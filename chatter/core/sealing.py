"""Texts that lie in the database for a while and that nobody should read there: sealed with the site's secret key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Broken(ValueError):
    """It was not sealed here, or with a key this site no longer has."""


def seal(text: str) -> str:
    """`text`, readable only with SECRET_KEY (AES-128-CBC with HMAC-SHA-256, as Fernet does it)."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises Broken."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Broken from error


def _keys() -> MultiFernet:
    """The present key first; the ones before it still open (SECRET_KEY_FALLBACKS)."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"chatter.sealing:" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
