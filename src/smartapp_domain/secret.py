"""Secrets that lead to a row: what is stored instead of them."""

import hashlib


def hashed(secret: str) -> str:
    """
    Return what is stored instead of a secret of 256 random bits: its SHA-256 in hexadecimal.

    A slow hash would protect secrets people choose; these cannot be guessed, and every request needs the hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
