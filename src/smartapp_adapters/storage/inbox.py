"""The payment provider's notices, each stored once, with the bytes they came as."""

from datetime import datetime

from smartapp_adapters.storage.scoping import Door, OperatorRows
from smartapp_adapters.storage.tables import notices
from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import EventId
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.wire import from_plain, to_plain


class SqlInbox:
    def __init__(self, door: Door) -> None:
        self._rows = OperatorRows(door, notices)

    def add(self, event: BillingEvent, body: bytes, received_at: datetime) -> bool:
        return self._rows.insert(
            {"id": event.id, "document": to_plain(event), "body": body, "received_at": received_at, "handled_at": None}
        )

    def get(self, id: EventId) -> BillingEvent:
        found = self._rows.first(self._rows.select(notices.c.document).where(notices.c.id == id))
        if found is None:
            raise NotFound("notice", id)
        return from_plain(BillingEvent, found.document)

    def handled(self, id: EventId, at: datetime) -> None:
        if not self._rows.update({"handled_at": at}, notices.c.id == id):
            raise NotFound("notice", id)

    def forget_handled(self, before: datetime) -> int:
        return self._rows.delete(notices.c.handled_at < before)
