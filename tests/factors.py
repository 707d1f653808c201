"""Second factors for tests: an authenticator app and a passkey device, made of the same mathematics as real ones."""

import base64
import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

from accounts.models import User

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def give_app(person: User) -> str:
    """Set an authenticator app up for the person, with recovery codes. Returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    return secret


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or `steps` times 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def recovery_codes(person: User) -> list[str]:
    codes: list[str] = Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()
    return codes


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Key:
    """A passkey on a device that anybody may hold: `verifies` says whether it asked for a finger or a PIN."""

    host: str = "localhost"
    origin: str = "http://localhost"
    verifies: bool = True
    id: bytes = field(default_factory=lambda: token_bytes(32))
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def registration(self, options: dict[str, Any]) -> str:
        """The browser's answer to the options of a new passkey."""
        public = ES256.from_cryptography_key(self.secret.public_key())
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor.encode(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._state(ATTESTED) + held}
        answer = {"attestationObject": text(cbor.encode(attestation)), "transports": ["internal"]}
        return self._answer("webauthn.create", options, answer, {"credProps": {"rk": True}})

    def assertion(self, options: dict[str, Any], person: User | None = None) -> str:
        """The browser's answer when it is asked for a passkey; `person` is whose it says it is."""
        client = self._client("webauthn.get", options)
        signature = self.secret.sign(self._state() + sha256(client).digest(), ec.ECDSA(SHA256()))
        answer = {"authenticatorData": text(self._state()), "signature": text(signature)}
        answer["userHandle"] = text(person.pk.hex.encode()) if person else None  # type: ignore[assignment]
        return self._answer("webauthn.get", options, answer, {})

    def _state(self, flags: int = 0) -> bytes:
        seen = USER_PRESENT | (USER_VERIFIED if self.verifies else 0) | flags
        return sha256(self.host.encode()).digest() + bytes([seen]) + bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, kind: str, options: dict[str, Any], answer: dict[str, Any], extensions: Any) -> str:
        response = {"clientDataJSON": text(self._client(kind, options)), **answer}
        whole = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        return json.dumps(whole | {"clientExtensionResults": extensions})
