"""Who we are to push services (VAPID, RFC 8292): one key of this installation, and the signature that shows we hold it."""

import base64
import hashlib
import json
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

CURVE = ec.SECP256R1()
# The order of P-256 (SEC 2): private keys are 1 … ORDER - 1.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNED_FOR = 12 * 60 * 60


@cache
def _private_key(told: str) -> ec.EllipticCurvePrivateKey:
    """The key that CHATTER_VAPID_KEY is (32 bytes), or the one made from this installation's own secret."""
    raw = unpadded(told)
    scalar = int.from_bytes(raw if len(raw) == 32 else hashlib.sha512(raw).digest())
    return ec.derive_private_key((scalar - 1) % (ORDER - 1) + 1, CURVE)


def public_key() -> str:
    """What browsers subscribe with: the point of our key, URL-safe."""
    point = _private_key(settings.CHATTER_VAPID_KEY).public_key()
    return url_safe(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(endpoint: str) -> str:
    """The Authorization header for a request to `endpoint`, good for half a day."""
    parts = urlsplit(endpoint)
    contact = f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + SIGNED_FOR, "sub": contact}
    signed = f"{_as_json({'typ': 'JWT', 'alg': 'ES256'})}.{_as_json(claims)}"
    first, second = decode_dss_signature(
        _private_key(settings.CHATTER_VAPID_KEY).sign(signed.encode(), ec.ECDSA(SHA256()))
    )
    return f"vapid t={signed}.{url_safe(first.to_bytes(32) + second.to_bytes(32))}, k={public_key()}"


def url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """What URL-safe Base64 says, with or without padding. Raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars="-_", validate=True)


def _as_json(claims: dict[str, Any]) -> str:
    return url_safe(json.dumps(claims, separators=(",", ":")).encode())
