"""Where programs find the API."""

from typing import Final

#: Of every version. An access token counts below it, and on no page.
API: Final = "/api/"
BASE: Final = f"{API}v1"
