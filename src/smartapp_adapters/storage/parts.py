"""The filters of the mapping page as SQL conditions on platform projects."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from smartapp_adapters.storage.licenses import live_at
from smartapp_adapters.storage.mappings import LIVE_LINK
from smartapp_adapters.storage.scoping import Door
from smartapp_adapters.storage.tables import licenses, mappings, platform_projects
from smartapp_domain.catalog import Module
from smartapp_domain.ports.views import Part

Condition = sa.ColumnElement[bool]
_OFFERED: Final = sa.and_(platform_projects.c.active, platform_projects.c.apps != "")


def in_part(door: Door, part: Part, at: datetime) -> Condition:
    match part:
        case Part.NOT_LICENSED:
            return sa.and_(_OFFERED, ~holds(door, at))
        case Part.LICENSED:
            return holds(door, at)
        case Part.PLANNER:
            return sa.and_(holds(door, at, Module.PLANNER), ~holds(door, at, Module.SAFETY))
        case Part.SAFETY:
            return sa.and_(holds(door, at, Module.SAFETY), ~holds(door, at, Module.PLANNER))
        case Part.BOTH:
            return sa.and_(holds(door, at, Module.PLANNER), holds(door, at, Module.SAFETY))


def holds(door: Door, at: datetime, module: Module | None = None) -> Condition:
    """Say that the platform project's live link leads to a live license, of `module` if given."""
    joined = licenses.c.project_id == mappings.c.project_id
    held = (
        sa.select(licenses.c.id)
        .where(door.own(mappings), door.own(licenses), joined, live_at(at), LIVE_LINK)
        .where(mappings.c.platform_project_id == platform_projects.c.id)
    )
    if module is not None:
        held = held.where(licenses.c.product == module.value)
    return held.correlate(platform_projects).exists()


def is_listed(door: Door, at: datetime) -> Condition:
    """Say that the platform project is on the page at all."""
    return sa.or_(_OFFERED, holds(door, at))
