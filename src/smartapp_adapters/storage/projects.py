"""Smartapp's own projects."""

from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.mappings import LIVE_LINK
from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import mappings, projects
from smartapp_domain.folding import folded
from smartapp_domain.ids import AccountId, ProjectId
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.project import Project


class SqlProjectStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, projects)

    def get(self, id: ProjectId) -> Project:
        found = self._rows.first(self._rows.select().where(projects.c.id == id))
        if found is None:
            raise NotFound("project", id)
        return project_of(found)

    def put(self, project: Project, *, replacing: int) -> None:
        self._door.holds(project.account_id)
        places = [folded(text) for text in (project.name, project.number) if text]
        columns = {
            "name": project.name,
            "number": project.number,
            "created_at": project.created_at,
            "version": project.version,
            "folded_name": folded(project.name),
            "folded_number": folded(project.number or ""),
            "search": "\n".join(places),
        }
        self._rows.put("project", {"id": project.id}, columns, replacing=replacing)

    def unlinked(self) -> tuple[Project, ...]:
        linked = AccountRows(self._door, mappings).select(mappings.c.project_id).where(LIVE_LINK)
        free = self._rows.select().where(projects.c.id.not_in(linked))
        by_name = (projects.c.folded_name, projects.c.folded_number, projects.c.id)
        return tuple(project_of(row) for row in self._rows.all(free.order_by(*by_name)))


def project_of(row: sa.Row[Any]) -> Project:
    return Project(
        id=ProjectId(row.id),
        account_id=AccountId(row.account_id),
        name=row.name,
        number=row.number,
        created_at=row.created_at,
        version=row.version,
    )
