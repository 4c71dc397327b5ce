"""What every page of an account says while the platform does not let us in."""

from collections.abc import Collection
from datetime import datetime

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Right
from smartapp_domain.ports.storage import Reading
from smartapp_domain.ports.views import Part
from smartapp_http.present.connection import MOST_NAMED, Connection, banner, missing_app
from smartapp_http.views import Banner
from smartapp_http.web import Web


def connection_in(reading: Reading, at: datetime) -> Connection:
    """Return how the account stands with the platform."""
    return Connection(reading.platform_projects.listing(), *reading.views.disconnected(MOST_NAMED, at=at))


def lost_banners(web: Web, connection: Connection, held: Collection[Module] = ()) -> tuple[Banner, ...]:
    """Return what the platform keeps from us, each with its fix; `held` are modules whose app has to be there."""
    may_read = web.actor.may(Right.MAP_PROJECTS)
    lost = banner(connection, web.settings, may_read=may_read)
    app = missing_app(connection, held, web.settings, may_read=may_read)
    return tuple(each for each in (lost, app) if each)


def held_modules(reading: Reading, at: datetime) -> frozenset[Module]:
    """Return the modules that some project of the account holds."""
    numbers = reading.views.counts(at=at)
    parts = {Module.PLANNER: Part.PLANNER, Module.SAFETY: Part.SAFETY}
    return frozenset(module for module, part in parts.items() if numbers[part] + numbers[Part.BOTH])
