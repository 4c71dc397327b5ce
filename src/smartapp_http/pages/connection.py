"""What every page of an account says while the platform does not let us in."""

from datetime import datetime

from smartapp_domain.identity import Right
from smartapp_domain.ports.storage import Reading
from smartapp_http.present.connection import MOST_NAMED, Connection, banner
from smartapp_http.views import Banner
from smartapp_http.web import Web


def connection_in(reading: Reading, at: datetime) -> Connection:
    """Return how the account stands with the platform."""
    return Connection(reading.platform_projects.listing(), *reading.views.disconnected(MOST_NAMED, at=at))


def lost_banners(web: Web, connection: Connection) -> tuple[Banner, ...]:
    """Return the one banner with the fix, or nothing."""
    lost = banner(connection, web.settings, may_read=web.actor.may(Right.MAP_PROJECTS))
    return (lost,) if lost else ()
