"""What counts as the same text when people search, sort or paste names."""

import unicodedata


def folded(text: str) -> str:
    """Return what is compared: lower case, accents taken off, blanks evened out."""
    if text.isascii():  # nearly every name, and several times as fast
        return " ".join(text.casefold().split())
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).casefold().split())
