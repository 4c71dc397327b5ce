"""The filters of the mapping page in SQL: which platform projects hold live licenses, and of which modules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.licenses import live_at
from smartapp_adapters.storage.mappings import LIVE_LINK
from smartapp_adapters.storage.scoping import Door
from smartapp_adapters.storage.tables import licenses, mappings, platform_projects
from smartapp_domain.catalog import Module
from smartapp_domain.ports.views import Part

Condition = sa.ColumnElement[bool]
#: Active, and at least one of our apps may use it.
OFFERED: Final = sa.and_(platform_projects.c.active, platform_projects.c.apps != "")


class Holding:
    """
    The platform projects whose live link leads to live licenses, with the modules they hold.

    One grouped join for the whole account: asking for each project by itself costs PostgreSQL a hundred times more.
    """

    def __init__(self, door: Door, at: datetime) -> None:
        def has(module: Module) -> sa.ColumnElement[int]:
            return sa.func.max(sa.case((licenses.c.product == module.value, 1), else_=0)).label(module.value)

        self.rows = (
            _held(door, at, mappings.c.platform_project_id, *(has(module) for module in Module))
            .group_by(mappings.c.platform_project_id)
            .subquery("holding")
        )
        self.joined = platform_projects.outerjoin(self.rows, self.rows.c.platform_project_id == platform_projects.c.id)
        #: Which rows of `joined` are in each part.
        self.parts: Mapping[Part, Condition] = {part: self._part(part) for part in Part}

    def _part(self, part: Part) -> Condition:
        licensed = self.rows.c.platform_project_id.is_not(None)
        planner, safety = self.rows.c.planner == 1, self.rows.c.safety == 1
        match part:
            case Part.NOT_LICENSED:
                return sa.and_(OFFERED, ~licensed)
            case Part.LICENSED:
                return licensed
            case Part.PLANNER:
                return sa.and_(planner, ~safety)
            case Part.SAFETY:
                return sa.and_(safety, ~planner)
            case Part.BOTH:
                return sa.and_(planner, safety)


def holders(door: Door, at: datetime, ids: list[str]) -> sa.Select[Any]:
    """Select which of these few platform projects hold a live license."""
    return _held(door, at, mappings.c.platform_project_id).where(mappings.c.platform_project_id.in_(ids)).distinct()


def _held(door: Door, at: datetime, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    same_project = licenses.c.project_id == mappings.c.project_id
    both = mappings.join(licenses, sa.and_(door.own(licenses), same_project))
    return sa.select(*columns).select_from(both).where(door.own(mappings), LIVE_LINK, live_at(at))
