"""Members and billing profiles of an account."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import members, profiles
from smartapp_domain.identity import BillingProfile, Member, Role
from smartapp_domain.ids import AccountId, CustomerId, MemberId, PersonId, ProfileId
from smartapp_domain.ports.storage import NotFound, Taken


class SqlMemberStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, members)

    def get(self, member_id: MemberId) -> Member:
        found = self._rows.first(self._rows.select().where(members.c.id == member_id))
        if found is None:
            raise NotFound("member", member_id)
        return member_of(found)

    def of_person(self, id: PersonId) -> Member | None:
        found = self._rows.first(self._rows.select().where(members.c.person_id == id))
        return member_of(found) if found else None

    def all(self) -> tuple[Member, ...]:
        return self._where(members.c.removed_at.is_(None))

    def former(self) -> tuple[Member, ...]:
        return self._where(members.c.removed_at.is_not(None))

    def _where(self, condition: sa.ColumnElement[bool]) -> tuple[Member, ...]:
        found = self._rows.all(self._rows.select().where(condition).order_by(members.c.name, members.c.id))
        return tuple(member_of(row) for row in found)

    def put(self, member: Member, *, replacing: int) -> None:
        self._door.holds(member.account_id)
        self._door.writing()
        self._rows.fitting("member", member.id, member, replacing)
        twin = self.of_person(member.person_id)
        if twin is not None and twin.id != member.id:
            raise Taken("This person is a member already.")
        columns = {
            "person_id": member.person_id,
            "name": member.name,
            "email": member.email,
            "role": member.role.value,
            "joined_at": member.joined_at,
            "version": member.version,
            "removed_at": member.removed_at,
        }
        self._rows.put("member", {"id": member.id}, columns, replacing=replacing)

    def seen(self, id: MemberId, at: datetime) -> None:
        self._rows.update({"seen_at": at}, members.c.id == id)


def member_of(row: sa.Row[Any]) -> Member:
    return Member(
        id=MemberId(row.id),
        account_id=AccountId(row.account_id),
        person_id=PersonId(row.person_id),
        name=row.name,
        email=row.email,
        role=Role(row.role),
        joined_at=row.joined_at,
        version=row.version,
        seen_at=row.seen_at,
        removed_at=row.removed_at,
    )


class SqlProfileStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, profiles)

    def default(self) -> BillingProfile | None:
        found = self._rows.first(self._rows.select().where(profiles.c.is_default))
        return _profile(found) if found else None

    def get(self, id: ProfileId) -> BillingProfile:
        found = self._rows.first(self._rows.select().where(profiles.c.id == id))
        if found is None:
            raise NotFound("billing profile", id)
        return _profile(found)

    def put(self, profile: BillingProfile, *, replacing: int) -> None:
        self._door.holds(profile.account_id)
        columns: dict[str, Any] = {
            "name": profile.name,
            "email": profile.email,
            "customer_id": profile.customer_id,
            "version": profile.version,
        }
        if replacing == 0:
            columns["is_default"] = self.default() is None
        self._rows.put("billing profile", {"id": profile.id}, columns, replacing=replacing)


def _profile(row: sa.Row[Any]) -> BillingProfile:
    return BillingProfile(
        id=ProfileId(row.id),
        account_id=AccountId(row.account_id),
        name=row.name,
        email=row.email,
        customer_id=CustomerId(row.customer_id) if row.customer_id is not None else None,
        version=row.version,
    )
