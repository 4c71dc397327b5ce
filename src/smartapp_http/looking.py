"""Whoever looks at what the platform told asks for news of it."""

from smartapp_domain.installation import ProjectListing
from smartapp_domain.use_cases.refresh_projects import look_if_old
from smartapp_http.web import Web


def look(web: Web) -> ProjectListing:
    """Ask in the background for a fresh list of projects if ours is old, and return how it stands (L-80)."""
    with web.ports.reading(web.actor.account_id) as reading:
        listing = reading.platform_projects.listing()
    return look_if_old(listing, web.ports)
