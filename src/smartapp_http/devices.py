"""What a browser says it is, in words a person recognizes in a list."""

from typing import Final

UNKNOWN: Final = "Unknown browser"
LIMIT: Final = 60

#: The first mark found counts: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """Return "Chrome on Windows", as much of it as can be told, from a header anybody may write what they like into."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    program = user_agent.split("/", maxsplit=1)[0].strip()[:LIMIT]
    return browser or system or (program if program.isprintable() else "") or UNKNOWN
