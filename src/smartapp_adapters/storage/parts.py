"""The filters of the mapping page in SQL: which platform projects hold live licenses, and of which modules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.licenses import live_at
from smartapp_adapters.storage.mappings import LIVE_LINK
from smartapp_adapters.storage.scoping import AccountRows, Door, kept_per_account
from smartapp_adapters.storage.tables import licenses, mappings, platform_projects
from smartapp_domain.catalog import Module
from smartapp_domain.mapping import MappingState
from smartapp_domain.ports.views import Part, Sort

Condition = sa.ColumnElement[bool]
Moment = datetime | sa.BindParameter[Any]
#: Active, and at least one of our apps may use it.
OFFERED: Final = sa.and_(platform_projects.c.active, platform_projects.c.apps != "")


_AT: Final = "at"


class Holding:
    """
    The platform projects whose live link leads to live licenses, with the modules they hold.

    One grouped join for the whole account: asking for each project by itself costs PostgreSQL a hundred times more.
    Whoever runs a statement made of it passes `moment(at)`.
    """

    def __init__(self, door: Door) -> None:
        at = sa.bindparam(_AT, type_=licenses.c.ends_at.type)

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
        listed = AccountRows(door, platform_projects)
        counted = (sa.func.sum(sa.case((self.parts[part], 1), else_=0)).label(part.value) for part in Part)
        #: One row: how many projects are in each part, null for none.
        self.counts: sa.Select[Any] = listed.select(*counted).select_from(self.joined)
        #: Pages of each part as they are sorted; each is made when it is first asked for.
        self.pages: dict[tuple[Part, Sort], sa.Select[Any]] = {}
        #: The projects of each part, in no order.
        self.listed: Mapping[Part, sa.Select[Any]] = {
            part: listed.select().select_from(self.joined).where(condition) for part, condition in self.parts.items()
        }

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


def moment(at: datetime) -> dict[str, Any]:
    """Return the parameters of a statement made of a `Holding`."""
    return {_AT: at}


#: The filters of a door's account.
holding_of: Final = kept_per_account(Holding)


def holders(door: Door, at: datetime, ids: list[str]) -> sa.Select[Any]:
    """Select which of these few platform projects hold a live license."""
    return _held(door, at, mappings.c.platform_project_id).where(mappings.c.platform_project_id.in_(ids)).distinct()


def cut_off(door: Door, at: datetime) -> sa.Select[Any]:
    """Select the Smartapp projects that hold a live license and whose live link is disconnected."""
    return _held(door, at, mappings.c.project_id).where(mappings.c.state == MappingState.DISCONNECTED.value)


def _held(door: Door, at: Moment, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    same_project = licenses.c.project_id == mappings.c.project_id
    both = mappings.join(licenses, sa.and_(door.own(licenses), same_project))
    return sa.select(*columns).select_from(both).where(door.own(mappings), LIVE_LINK, live_at(at))
