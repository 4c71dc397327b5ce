"""Licenses: documents, with the columns that find them and keep two from overlapping."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import licenses
from smartapp_domain.ids import ProjectId, SubscriptionId
from smartapp_domain.licensing import License
from smartapp_domain.ports.storage import Taken
from smartapp_domain.wire import from_plain, to_plain


def live_at(at: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """Say in SQL what `License.is_live` says."""
    over = (licenses.c.ends_at, licenses.c.ended_at)
    return sa.and_(*(sa.or_(column.is_(None), column > at) for column in over))


class SqlLicenseStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, licenses)

    def all(self) -> tuple[License, ...]:
        return self._some()

    def of_projects(self, ids: Iterable[ProjectId]) -> tuple[License, ...]:
        return self._some(licenses.c.project_id.in_(list(ids)))

    def of_subscription(self, id: SubscriptionId) -> tuple[License, ...]:
        return self._some(licenses.c.subscription_id == id)

    def _some(self, *where: sa.ColumnElement[bool]) -> tuple[License, ...]:
        wanted = self._rows.select(licenses.c.document).where(*where)
        found = self._rows.all(wanted.order_by(licenses.c.granted_at, licenses.c.id))
        return tuple(from_plain(License, row.document) for row in found)

    def put(self, license: License, *, replacing: int) -> None:
        self._door.holds(license.account_id)
        self._door.writing()
        self._rows.fitting("license", license.id, license, replacing)
        if any(_meet(license, other) for other in self._others(license)):
            raise Taken("This project holds the product already.")
        columns = {
            "project_id": license.project_id,
            "product": license.product.value,
            "subscription_id": license.subscription_id,
            "granted_at": license.granted_at,
            "ends_at": license.ends_at,
            "ended_at": license.ended_at,
            "version": license.version,
            "document": to_plain(license),
        }
        self._rows.put("license", {"id": license.id}, columns, replacing=replacing)

    def _others(self, license: License) -> tuple[License, ...]:
        return self._some(
            licenses.c.project_id == license.project_id,
            licenses.c.product == license.product.value,
            licenses.c.id != license.id,
        )


def _meet(one: License, other: License) -> bool:
    later = max(one.granted_at, other.granted_at)
    return one.is_live(later) and other.is_live(later)
