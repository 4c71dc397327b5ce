"""Addresses that are made at run time, and the one check of an address that comes from outside."""

from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from smartapp_domain.decisions import Refused, WayOut
from smartapp_http.settings import HttpSettings
from smartapp_http.views import Link, paths

NEXT_LIMIT: Final = 500


def with_query(path: str, **values: str | int | None) -> str:
    """Return the path with the values that say something."""
    said = {name: value for name, value in values.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def project_subscription(project_id: str) -> str:
    return f"{paths.CENTRAL}/{quote(project_id, safe='')}/subscription"


def adopt_name(project_id: str) -> str:
    return f"{paths.CENTRAL}/{quote(project_id, safe='')}/adopt-name"


def safe_next(path: str | None) -> str | None:
    """Return a path of ours that one may be sent on to; None for anything that could lead elsewhere."""
    if not path or len(path) > NEXT_LIMIT or not path.startswith("/") or path.startswith("//"):
        return None
    if "\\" in path or any(ord(c) <= 32 or ord(c) == 127 for c in path):  # noqa: PLR2004 - controls and the blank
        return None
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else None


def own_path(url: str | None, settings: HttpSettings) -> str | None:
    """Return the path of a full address when it is one of our pages."""
    if not url or not url.startswith(f"{settings.base_url}/"):
        return None
    return safe_next(url.removeprefix(settings.base_url))


def way_out(refused: Refused, settings: HttpSettings, project_id: str | None = None) -> Link | None:
    """Return where a refusal sends the customer; `project_id` is the Smartapp project it is about, if known."""
    if refused.way_out is None:
        return None
    if refused.way_out is WayOut.MANAGE_SUBSCRIPTIONS and project_id:
        return Link("Manage Subscriptions", project_subscription(project_id))
    text, url = {
        WayOut.MANAGE_SUBSCRIPTIONS: ("Manage Subscriptions", paths.MANAGE),
        WayOut.PROJECTS: ("Go to Projects", paths.PROJECTS),
        WayOut.SUBSCRIPTIONS: ("Go to Subscriptions", paths.SUBSCRIPTIONS),
        WayOut.PROJECT_CENTRAL: ("Open Project Central", paths.CENTRAL),
        WayOut.SUPPORT: ("Write to support", f"mailto:{settings.support_email}"),
    }[refused.way_out]
    return Link(text, url) if url else None
