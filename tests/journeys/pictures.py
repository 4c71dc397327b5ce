"""
Pictures of the running product.

`SMARTAPP_PICTURES=1 .venv/bin/pytest tests/journeys` writes them into the README's and the set-up guide's folders;
other runs take them just the same, into a temporary folder, so that a picture that cannot be taken is noticed at once.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).parents[2]
KEEP = os.environ.get("SMARTAPP_PICTURES") == "1"
ELSEWHERE = Path(tempfile.mkdtemp(prefix="pictures-"))
README = Path("docs/screenshots")
GUIDE = Path("src/smartapp_http/static/help")
GUIDE_SIZE: ViewportSize = {"width": 1280, "height": 800}


def snap(page: Page, folder: Path, name: str) -> Path:
    """Take the page as it stands at the top, without a blinking caret or a focus ring from the last click."""
    home = (ROOT if KEEP else ELSEWHERE) / folder
    home.mkdir(parents=True, exist_ok=True)
    page.evaluate("window.scrollTo(0, 0); document.activeElement && document.activeElement.blur()")
    file = home / f"{name}.png"
    page.screenshot(path=file, animations="disabled", caret="hide")
    return file
