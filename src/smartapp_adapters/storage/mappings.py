"""Which platform project stands for which Smartapp project."""

from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import mappings
from smartapp_domain.ids import AccountId, PlatformProjectId, ProjectId
from smartapp_domain.mapping import MappingState, ProjectMapping
from smartapp_domain.ports.storage import Taken

LIVE_STATES: Final = (MappingState.LINKED, MappingState.DISCONNECTED)
LIVE_LINK: Final = mappings.c.state.in_([state.value for state in LIVE_STATES])


class SqlMappingStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, mappings)

    def of_platform_project(self, id: PlatformProjectId) -> ProjectMapping | None:
        found = self._rows.first(self._rows.select().where(mappings.c.platform_project_id == id))
        return mapping_of(found) if found else None

    def of_project(self, id: ProjectId) -> ProjectMapping | None:
        found = self._rows.first(self._rows.select().where(mappings.c.project_id == id, LIVE_LINK))
        return mapping_of(found) if found else None

    def live(self) -> tuple[ProjectMapping, ...]:
        found = self._rows.all(self._rows.select().where(LIVE_LINK).order_by(mappings.c.platform_project_id))
        return tuple(mapping_of(row) for row in found)

    def put(self, mapping: ProjectMapping, *, replacing: int) -> None:
        self._door.holds(mapping.account_id)
        self._door.writing()
        stored = self.of_platform_project(mapping.platform_project_id)
        if stored is not None and replacing == 0:
            if stored.state in LIVE_STATES:
                raise Taken("This platform project is linked already.")
            self._rows.delete(mappings.c.platform_project_id == mapping.platform_project_id)
        else:
            self._rows.fitting("mapping", mapping.platform_project_id, mapping, replacing)
        self._check_free(mapping)
        columns = {
            "project_id": mapping.project_id,
            "state": mapping.state.value,
            "linked_at": mapping.linked_at,
            "disconnected_at": mapping.disconnected_at,
            "version": mapping.version,
        }
        key = {"platform_project_id": mapping.platform_project_id}
        self._rows.put("mapping", key, columns, replacing=replacing)

    def _check_free(self, mapping: ProjectMapping) -> None:
        other = self.of_project(mapping.project_id) if mapping.state in LIVE_STATES else None
        if other and other.platform_project_id != mapping.platform_project_id:
            raise Taken("This Smartapp project has a live link already.")


def mapping_of(row: sa.Row[Any]) -> ProjectMapping:
    return ProjectMapping(
        account_id=AccountId(row.account_id),
        platform_project_id=PlatformProjectId(row.platform_project_id),
        project_id=ProjectId(row.project_id),
        state=MappingState(row.state),
        linked_at=row.linked_at,
        disconnected_at=row.disconnected_at,
        version=row.version,
    )
