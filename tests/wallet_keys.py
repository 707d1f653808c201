"""Wallets for tests: keys made from a name, and what they sign."""

from hashlib import sha256

import coincurve

from accounts.wallets import address_of, checksummed, personal_digest


class WalletKey:
    """The key of a wallet; the same name is the same wallet."""

    def __init__(self, name: str) -> None:
        self.key = coincurve.PrivateKey(sha256(name.encode()).digest())
        self.plain = address_of(self.key.public_key)
        self.address = checksummed(self.plain)

    def sign(self, text: str, v: int = 27) -> str:
        """What `personal_sign` answers for `text`; `v` is 27 for recovery id 0."""
        signature = self.key.sign_recoverable(personal_digest(text), hasher=None)
        return "0x" + signature[:64].hex() + bytes([signature[64] + v]).hex()
