"""Secrets at rest: AES-256-GCM under a key that is named beside the sealed text."""

import os
from collections.abc import Mapping

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(Exception):
    """Raised when a sealed secret cannot be opened; the text names the key and what it was sealed for."""


@attrs.frozen
class Keys:
    """
    The keys secrets are sealed with, by id.

    New secrets are sealed with `current_id`; older ids stay readable as long as they are listed, so a key is rotated by
    adding one and sealing anew what the old one holds.
    """

    current_id: str
    by_id: Mapping[str, bytes] = attrs.field(repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        for id, key in self.by_id.items():
            if len(key) != KEY_BYTES:
                raise ValueError(f"The encryption key {id!r} has {len(key)} bytes; it needs {KEY_BYTES}.")
        if self.current_id not in self.by_id:
            raise ValueError(f"The current encryption key {self.current_id!r} is not among the keys given.")


@attrs.frozen
class Sealed:
    key_id: str
    text: bytes = attrs.field(repr=False)


def seal(secret: bytes, keys: Keys, *, about: tuple[str, ...]) -> Sealed:
    """
    Seal a secret for one row; `about` (table, account, row) must be given again to open it.

    Someone who can write to the database, but has no key, can therefore not move a secret to a row of their own.
    """
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(keys.by_id[keys.current_id])
    return Sealed(keys.current_id, nonce + cipher.encrypt(nonce, secret, _bound(about)))


def unseal(sealed: Sealed, keys: Keys, *, about: tuple[str, ...]) -> bytes:
    """Return the secret, or raise `SealBroken`."""
    key = keys.by_id.get(sealed.key_id)
    if key is None:
        raise SealBroken(
            f"The secret of {'/'.join(about)} was sealed with key {sealed.key_id!r}, which is not among the keys given."
        )
    nonce, text = sealed.text[:_NONCE_BYTES], sealed.text[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, text, _bound(about))
    except InvalidTag as error:
        raise SealBroken(
            f"The secret of {'/'.join(about)} does not open with key {sealed.key_id!r}: "
            "another key of that name sealed it, or the row was changed."
        ) from error


def _bound(about: tuple[str, ...]) -> bytes:
    # Lengths go in front: ("a", "bc") and ("ab", "c") must not be bound to the same bytes.
    return b"".join(len(part := each.encode()).to_bytes(4, "big") + part for each in about)
