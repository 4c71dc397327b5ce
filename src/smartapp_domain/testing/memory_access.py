"""Invitations, access tokens and the audit trail in memory."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from smartapp_domain.access_tokens import AccessToken
from smartapp_domain.audit import Deed, Entry, Place
from smartapp_domain.ids import InvitationId, MemberId, TokenId
from smartapp_domain.invitations import Invitation
from smartapp_domain.ports.storage import OPERATOR, NotFound, Stale, Taken
from smartapp_domain.testing.memory_state import Door, Rows, fitting


class MemoryInvitations:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.invitations)

    def get(self, id: InvitationId) -> Invitation:
        found = self._rows.find(id)
        if found is None:
            raise NotFound("invitation", id)
        return found

    def of_email(self, email: str) -> Invitation | None:
        return next((each for each in self._rows.all() if each.email == email), None)

    def of_secret(self, secret_hash: str) -> Invitation | None:
        return next((each for each in self._rows.all() if each.secret_hash == secret_hash), None)

    def all(self) -> tuple[Invitation, ...]:
        return tuple(sorted(self._rows.all(), key=lambda each: each.email))

    def put(self, invitation: Invitation, *, replacing: int) -> None:
        self._door.own(invitation.account_id)
        self._door.writing()
        fitting("invitation", invitation.id, self._rows.find(invitation.id), invitation, replacing)
        twin = self.of_email(invitation.email)
        if twin and twin.id != invitation.id:
            raise Taken("This e-mail is invited already.")
        self._rows.put(invitation.id, invitation)

    def drop(self, invitation: Invitation) -> None:
        self._door.own(invitation.account_id)
        self._door.writing()
        stored = self._rows.find(invitation.id)
        if stored is None or stored.version != invitation.version:
            raise Stale("invitation", invitation.id)
        self._rows.drop(invitation.id)


class MemoryAccessTokens:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.access_tokens)

    def of_member(self, id: MemberId) -> tuple[AccessToken, ...]:
        mine = [token for _, token in self._rows.all() if token.member_id == id]
        return tuple(sorted(mine, key=lambda each: (each.created_at, each.id), reverse=True))

    def add(self, token: AccessToken, secret_hash: str) -> None:
        self._door.own(token.account_id)
        self._door.writing()
        if self._rows.find(token.id) is not None:
            raise Taken("There is a token with this id already.")
        self._rows.put(token.id, (secret_hash, token))

    def drop(self, member_id: MemberId, id: TokenId) -> None:
        self._door.writing()
        found = self._rows.find(id)
        if found is None or found[1].member_id != member_id:
            raise NotFound("token", id)
        self._rows.drop(id)

    def drop_of_member(self, id: MemberId) -> int:
        self._door.writing()
        mine = self.of_member(id)
        for token in mine:
            self._rows.drop(token.id)
        return len(mine)

    def used(self, id: TokenId, at: datetime) -> None:
        self._door.writing()
        found = self._rows.find(id)
        if found is not None:
            self._rows.put(id, (found[0], attrs.evolve(found[1], used_at=at)))


class MemoryTrail:
    def __init__(self, door: Door) -> None:
        self._door = door

    def add(self, entry: Entry) -> None:
        self._door.writing()
        if self._door.scope is not OPERATOR:
            self._door.own(entry.account_id)
        key = (entry.account_id, entry.id)
        if key in self._door.state.trail:
            raise Taken("There is an entry with this id already.")
        self._door.state.trail[key] = entry

    def page(
        self, *, limit: int, after: Place | None = None, deeds: Iterable[Deed] = (), member_id: MemberId | None = None
    ) -> tuple[Entry, ...]:
        wanted = frozenset(deeds)
        found = [
            entry
            for entry in Rows(self._door, self._door.state.trail).all()
            if (not wanted or entry.deed in wanted)
            and (member_id is None or entry.by.member_id == member_id)
            and (after is None or Place(entry.at, entry.id) < after)
        ]
        return tuple(sorted(found, key=lambda each: Place(each.at, each.id), reverse=True)[:limit])
