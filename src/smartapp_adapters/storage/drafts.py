"""Ticks: one row per member and platform project, so that writes of different rows never meet."""

from collections.abc import Iterable
from types import MappingProxyType

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import drafts
from smartapp_domain.ids import MemberId, PlatformProjectId
from smartapp_domain.mapping import DraftRow, MappingDraft
from smartapp_domain.wire import from_plain, to_plain


class SqlDraftStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, drafts)

    def get(self, member_id: MemberId) -> MappingDraft:
        mine = self._rows.select(drafts.c.document).where(drafts.c.member_id == member_id)
        found = self._rows.all(mine.order_by(drafts.c.platform_project_id))
        rows = [from_plain(DraftRow, row.document) for row in found]
        by_id = MappingProxyType({row.platform_project_id: row for row in rows})
        return MappingDraft(self._door.account_id, member_id, by_id)

    def row(self, member_id: MemberId, project_id: PlatformProjectId) -> DraftRow | None:
        return self.some(member_id, [project_id]).get(project_id)

    def some(self, member_id: MemberId, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, DraftRow]:
        found = self._rows.all(
            self._rows.select(drafts.c.document).where(
                drafts.c.member_id == member_id, drafts.c.platform_project_id.in_(list(ids))
            )
        )
        rows = [from_plain(DraftRow, row.document) for row in found]
        return {row.platform_project_id: row for row in rows}

    def put(self, member_id: MemberId, row: DraftRow) -> None:
        columns = {
            "member_id": member_id,
            "platform_project_id": row.platform_project_id,
            "document": to_plain(row),
        }
        self._rows.upsert([columns], replace=["document"])

    def drop(self, member_id: MemberId, project_id: PlatformProjectId) -> None:
        self._rows.delete(drafts.c.member_id == member_id, drafts.c.platform_project_id == project_id)

    def drop_everywhere(self, project_ids: Iterable[PlatformProjectId]) -> None:
        self._rows.delete(drafts.c.platform_project_id.in_(list(project_ids)))
