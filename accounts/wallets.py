"""Sign-In with Ethereum (EIP-4361) as pure functions: the text of a message, its strict reading, and whose key signed it.

Whether a message may be used here and now is for `accounts.actions.wallets` to say. Wallets that are contracts
(EIP-1271) have no key of their own and are not supported.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import coincurve
from Crypto.Hash import keccak

MESSAGE_MAX = 2000
ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
# Half the order of the curve's group: of the two signatures that anybody can make of one, only the lower s counts.
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
RECOVERY_IDS = {0: 0, 1: 1, 27: 0, 28: 1}

# RFC 3986, as far as the grammar of the message names it.
_UNRESERVED = r"A-Za-z0-9\-._~"
_SUB = r"!$&'()*+,;="
_HOST = rf"(?:\[[0-9A-Fa-f:.]{{2,45}}\]|[{_UNRESERVED}]{{1,253}})"
_URI = rf"[A-Za-z][A-Za-z0-9+.\-]{{0,30}}:(?:[{_UNRESERVED}{_SUB}:@/?#\[\]]|%[0-9A-Fa-f]{{2}})*"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
_MESSAGE = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://)?(?P<domain>{_HOST}(?::\d{{1,5}})?)"
    rf" wants you to sign in with your Ethereum account:\n(?P<address>{ADDRESS.pattern})\n\n"
    rf"(?:(?P<statement>[{_UNRESERVED}{_SUB}:/?#\[\]@ ]+)\n)?\n"
    rf"URI: (?P<uri>{_URI})\nVersion: (?P<version>1)\nChain ID: (?P<chain_id>\d{{1,20}})\n"
    rf"Nonce: (?P<nonce>[A-Za-z0-9]{{8,32}})\nIssued At: (?P<issued_at>{_TIME})"
    rf"(?:\nExpiration Time: (?P<expires_at>{_TIME}))?(?:\nNot Before: (?P<not_before>{_TIME}))?"
    rf"(?:\nRequest ID: (?P<request_id>(?:[{_UNRESERVED}{_SUB}:@]|%[0-9A-Fa-f]{{2}})*))?"
    rf"(?:\nResources:(?P<resources>(?:\n- {_URI})*))?",
    re.ASCII,
)


class Malformed(ValueError):
    """This is no message, address or signature of the kind that EIP-4361 describes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a wallet is asked to sign. `address` is written with the checksum of EIP-55."""

    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: datetime
    expires_at: datetime | None = None
    not_before: datetime | None = None
    statement: str = ""
    scheme: str = ""
    request_id: str | None = None
    resources: tuple[str, ...] | None = None

    @property
    def origin(self) -> tuple[str, str]:
        """Scheme and authority of the URI."""
        parts = urlsplit(self.uri)
        return parts.scheme.lower(), parts.netloc.lower()

    def text(self) -> str:
        """The message as the wallet shows and signs it."""
        scheme = f"{self.scheme}://" if self.scheme else ""
        lines = [f"{scheme}{self.domain} wants you to sign in with your Ethereum account:", self.address, ""]
        lines += [self.statement] if self.statement else []
        lines += ["", f"URI: {self.uri}", "Version: 1", f"Chain ID: {self.chain_id}", f"Nonce: {self.nonce}"]
        lines.append(f"Issued At: {_written(self.issued_at)}")
        lines += [f"Expiration Time: {_written(self.expires_at)}"] if self.expires_at else []
        lines += [f"Not Before: {_written(self.not_before)}"] if self.not_before else []
        lines += [f"Request ID: {self.request_id}"] if self.request_id is not None else []
        lines += ["Resources:", *(f"- {uri}" for uri in self.resources)] if self.resources is not None else []
        return "\n".join(lines)


def parse(text: str) -> Message:
    """The message that `text` is, letter by letter. Raises Malformed for everything else, and for a wrong checksum."""
    found = _MESSAGE.fullmatch(text) if len(text) <= MESSAGE_MAX else None
    if found is None:
        raise Malformed("no message of EIP-4361")
    part = found.groupdict()
    if part["address"] != checksummed(part["address"]):
        raise Malformed("the address has a wrong checksum")
    resources = part["resources"]
    return Message(
        domain=part["domain"],
        address=part["address"],
        uri=part["uri"],
        chain_id=int(part["chain_id"]),
        nonce=part["nonce"],
        issued_at=_moment(part["issued_at"]),
        expires_at=_moment(part["expires_at"]) if part["expires_at"] else None,
        not_before=_moment(part["not_before"]) if part["not_before"] else None,
        statement=part["statement"] or "",
        scheme=part["scheme"] or "",
        request_id=part["request_id"],
        resources=None if resources is None else tuple(resources.split("\n- ")[1:]),
    )


def checksummed(address: str) -> str:
    """The address in the mixed case of EIP-55. Raises Malformed for what is no address."""
    if not ADDRESS.fullmatch(address):
        raise Malformed("no address")
    plain = address[2:].lower()
    digest = keccak256(plain.encode()).hex()
    return "0x" + "".join(
        letter.upper() if int(nibble, 16) > 7 else letter for letter, nibble in zip(plain, digest, strict=False)
    )


def signer(text: str, signature: str) -> str:
    """The address (in lower case) whose key signed `text` by `personal_sign`.

    Raises Malformed unless the signature is 65 bytes in hexadecimal with a low s and a known v.
    """
    if not re.fullmatch(r"0x[0-9a-fA-F]{130}", signature):
        raise Malformed("no signature")
    raw = bytes.fromhex(signature[2:])
    if raw[64] not in RECOVERY_IDS or not 0 < int.from_bytes(raw[32:64]) <= HALF_ORDER:
        raise Malformed("a signature in a form that is not accepted")
    try:
        key = coincurve.PublicKey.from_signature_and_message(
            raw[:64] + bytes([RECOVERY_IDS[raw[64]]]), personal_digest(text), hasher=None
        )
    except Exception as error:  # the library raises plain exceptions too
        raise Malformed("a signature of no key") from error
    return address_of(key)


def address_of(key: coincurve.PublicKey) -> str:
    """The address, in lower case, that belongs to a public key."""
    return "0x" + keccak256(key.format(compressed=False)[1:])[-20:].hex()


def personal_digest(text: str) -> bytes:
    """What `personal_sign` signs of a text (EIP-191)."""
    said = text.encode()
    return keccak256(b"\x19Ethereum Signed Message:\n%d%s" % (len(said), said))


def keccak256(said: bytes) -> bytes:
    digest: bytes = keccak.new(digest_bits=256, data=said).digest()
    return digest


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("no such time") from error


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
