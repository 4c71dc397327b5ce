"""Identifiers that look like Stripe's, so that nobody's column or pattern turns out too short on the real thing."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

#: Lengths after the prefix, as seen on real objects; the rest get 24 with a leading 1.
_SHORT = {"cus": 14, "prod": 14, "si": 14}
_LONG = {"cs_test": 58, "whsec": 32}


def new_id(prefix: str) -> str:
    if prefix in _SHORT:
        return f"{prefix}_{_random(_SHORT[prefix])}"
    if prefix == "cs_test":
        return f"cs_test_a1{_random(_LONG[prefix])}"
    if prefix in _LONG:
        return f"{prefix}_{_random(_LONG[prefix])}"
    return f"{prefix}_1{_random(23)}"


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
