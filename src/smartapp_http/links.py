"""Addresses that are made at run time, and the one check of an address that comes from outside."""

from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from smartapp_domain.decisions import Refused, WayOut
from smartapp_http.settings import HttpSettings
from smartapp_http.views import Link, paths

#: Room for a search of 200 letters of three bytes each, quoted.
NEXT_LIMIT: Final = 2000
#: What a path and its query may hold besides letters and digits (RFC 3986, 3.4), quoted letters included.
_IN_ADDRESSES: Final = "/?#%:@!$&'()*+,;="
RETURN: Final = "/checkout/return"


def with_query(path: str, **values: str | int | None) -> str:
    """Return the path with the values that say something."""
    said = {name: value for name, value in values.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def page(path: str, number: int, **values: str) -> str:
    """Return a page of the list at a path; the first one is the list itself."""
    return with_query(path, **values, page=number if number > 1 else None)


def project_subscription(project_id: str) -> str:
    return f"{paths.CENTRAL}/{quote(project_id, safe='')}/subscription"


def member(member_id: str, action: str = "") -> str:
    """Return the page of a member, or where one of its forms is sent."""
    return "/".join((paths.MEMBERS, quote(member_id, safe=""), *([action] if action else [])))


def invitation_action(invitation_id: str, action: str) -> str:
    return f"{paths.INVITATIONS}/{quote(invitation_id, safe='')}/{action}"


def invitation(secret: str, settings: HttpSettings) -> str:
    """Return the full address to hand to whoever is invited."""
    return f"{settings.base_url}{paths.INVITATION}/{secret}"


def token_revoke(token_id: str) -> str:
    return f"{paths.TOKENS}/{quote(token_id, safe='')}/revoke"


def session_end(handle: str) -> str:
    return f"{paths.SESSIONS}/{quote(handle, safe='')}/end"


def renewal(project_id: str) -> str:
    return f"{paths.CENTRAL}/{quote(project_id, safe='')}/renewal"


def adopt_name(project_id: str) -> str:
    return f"{paths.CENTRAL}/{quote(project_id, safe='')}/adopt-name"


def safe_next(path: str | None) -> str | None:
    """
    Return a path of ours that one may be sent on to, in ASCII as headers need it.

    None for anything that could lead elsewhere, and for what is too long: half an address leads nowhere.
    """
    if not path or not path.startswith("/") or path.startswith("//"):
        return None
    if "\\" in path or any(ord(c) <= 32 or ord(c) == 127 for c in path):  # noqa: PLR2004 - controls and the blank
        return None
    path, parts = quote(path, safe=_IN_ADDRESSES), urlsplit(path)
    return path if len(path) <= NEXT_LIMIT and not parts.scheme and not parts.netloc else None


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
    if refused.way_out is WayOut.PAYMENT:
        return Link("Open the payment", with_query(RETURN, order=refused.about))
    text, url = {
        WayOut.MANAGE_SUBSCRIPTIONS: ("Manage Subscriptions", paths.MANAGE),
        WayOut.PROJECTS: ("Go to Projects", paths.PROJECTS),
        WayOut.SUBSCRIPTIONS: ("Go to Subscriptions", paths.SUBSCRIPTIONS),
        WayOut.PROJECT_CENTRAL: ("Open Project Central", paths.CENTRAL),
        WayOut.MEMBERS: ("Open Members", paths.MEMBERS),
        WayOut.ACCOUNT: ("Open Your access", paths.ACCOUNT),
        WayOut.SUPPORT: ("Write to support", f"mailto:{settings.support_email}"),
    }[refused.way_out]
    return Link(text, url) if url else None
