"""Detached signatures of bodies (X-Signature): Ed25519 over their bytes, in Base64.

The profile leaves the algorithm open (bank interface, section 10); Ed25519 is our choice.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

HEADER = "X-Signature"


class Key:
    """A signing key that follows from a kept secret; `public` is what the other side checks by."""

    def __init__(self, secret: str) -> None:
        seed = hashlib.sha256(secret.encode()).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = b64encode(self._key.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, content: bytes) -> str:
        """The signature of these bytes."""
        return b64encode(self._key.sign(content)).decode("ascii")


def read_public(text: str) -> Ed25519PublicKey:
    """A public key as `Key.public` writes it. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))


@dataclass(frozen=True)
class Seal:
    """Our key and the other side's public key: both sides sign every body."""

    own: Key
    theirs: str

    def holds(self, content: bytes, signature: str) -> bool:
        """Whether the other side signed exactly these bytes."""
        try:
            read_public(self.theirs).verify(b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True
