"""What every page of an account says while the platform does not let us in."""

from smartapp_domain.identity import Right
from smartapp_domain.ports.storage import Reading
from smartapp_http.present.mapping import lost_banner
from smartapp_http.views import Banner
from smartapp_http.web import Web


def lost_banners(web: Web, reading: Reading) -> tuple[Banner, ...]:
    """Return the one banner with the fix, or nothing."""
    listing = reading.platform_projects.listing()
    lost = lost_banner(listing, web.settings, may_read=web.actor.may(Right.MAP_PROJECTS))
    return (lost,) if lost else ()
