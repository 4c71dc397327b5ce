"""Fresh keys for sealing what is stored."""

import base64
import secrets
from datetime import UTC, datetime

_KEY_BYTES = 32


def new_key() -> str:
    """Return `ID:BASE64` for a fresh AES-256 key; the id tells the day it was made, and two of a day apart."""
    body = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode().rstrip("=")
    return f"k{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(2)}:{body}"
