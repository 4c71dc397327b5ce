"""The header a client names its request with."""

import re
from typing import Final

from smartapp_http.web import AnyRequest

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
#: A structured-field string, as the draft has it, or the same without quotes and blanks, as most clients send it.
PATTERN: Final = r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-\[\]-~]{1,255})$'
_FITS: Final = re.compile(PATTERN, re.ASCII)


class BadKey(ValueError):
    """Raised for a key nobody may use."""


def sent_key(request: AnyRequest) -> str | None:
    """Return the key that was sent, without its quotes; None without one."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not _FITS.fullmatch(sent):
        raise BadKey(
            f"{HEADER} has 1 to {LONGEST} printable ASCII characters: in quotes, or without blanks, quotes and "
            "backslashes. A random UUID is a good one."
        )
    return re.sub(r"\\(.)", r"\1", sent[1:-1]) if sent.startswith('"') else sent
