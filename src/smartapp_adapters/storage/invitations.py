"""Pending invitations of an account."""

from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import invitations
from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, InvitationId, MemberId
from smartapp_domain.invitations import Invitation
from smartapp_domain.ports.storage import NotFound, Stale, Taken


class SqlInvitationStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, invitations)

    def get(self, id: InvitationId) -> Invitation:
        found = self._where(invitations.c.id == id)
        if found is None:
            raise NotFound("invitation", id)
        return found

    def of_email(self, email: str) -> Invitation | None:
        return self._where(invitations.c.email == email)

    def of_secret(self, secret_hash: str) -> Invitation | None:
        return self._where(invitations.c.secret_hash == secret_hash)

    def _where(self, condition: sa.ColumnElement[bool]) -> Invitation | None:
        found = self._rows.first(self._rows.select().where(condition))
        return _invitation(found) if found else None

    def all(self) -> tuple[Invitation, ...]:
        found = self._rows.all(self._rows.select().order_by(invitations.c.email))
        return tuple(_invitation(row) for row in found)

    def put(self, invitation: Invitation, *, replacing: int) -> None:
        self._door.holds(invitation.account_id)
        self._door.writing()
        self._rows.fitting("invitation", invitation.id, invitation, replacing)
        twin = self.of_email(invitation.email)
        if twin is not None and twin.id != invitation.id:
            raise Taken("This e-mail is invited already.")
        columns = {
            "email": invitation.email,
            "role": invitation.role.value,
            "invited_by": invitation.invited_by,
            "expires_at": invitation.expires_at,
            "secret_hash": invitation.secret_hash,
            "version": invitation.version,
        }
        self._rows.put("invitation", {"id": invitation.id}, columns, replacing=replacing)

    def drop(self, invitation: Invitation) -> None:
        self._door.holds(invitation.account_id)
        exactly = (invitations.c.id == invitation.id, invitations.c.version == invitation.version)
        if not self._rows.delete(*exactly):
            raise Stale("invitation", invitation.id)


def _invitation(row: sa.Row[Any]) -> Invitation:
    return Invitation(
        id=InvitationId(row.id),
        account_id=AccountId(row.account_id),
        email=row.email,
        role=Role(row.role),
        invited_by=MemberId(row.invited_by),
        expires_at=row.expires_at,
        secret_hash=row.secret_hash,
        version=row.version,
    )
