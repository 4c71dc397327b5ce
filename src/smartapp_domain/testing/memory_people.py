"""Accounts, people, sessions, members and billing profiles in memory."""

from datetime import datetime

import attrs

from smartapp_domain.access_tokens import Bearer
from smartapp_domain.identity import Account, BillingProfile, CompanyKey, Environment, Member, Person
from smartapp_domain.ids import AccountId, MemberId, OrderId, PersonId, PlatformUserId, ProfileId, SubscriptionId
from smartapp_domain.ports.storage import OPERATOR, NotFound, Session, Taken
from smartapp_domain.testing.memory_state import Door, Rows, fitting


class MemoryAccounts:
    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, id: AccountId) -> Account:
        found = self._door.state.accounts.get(id)
        if found is None or self._door.scope not in (OPERATOR, id):
            raise NotFound("account", id)
        return found

    def of_company(self, company: CompanyKey) -> Account | None:
        self._door.operator()
        return next((each for each in self._door.state.accounts.values() if each.company == company), None)

    def of_person(self, id: PersonId) -> tuple[tuple[Account, Member], ...]:
        self._door.operator()
        found = [
            (self._door.state.accounts[each.account_id], each)
            for each in self._door.state.members.values()
            if each.person_id == id and each.removed_at is None
        ]
        return tuple(sorted(found, key=lambda pair: (pair[0].name, pair[0].id)))

    def of_order(self, id: OrderId) -> AccountId | None:
        self._door.operator()
        return next((owner for owner, key in self._door.state.orders if key == id), None)

    def of_subscription(self, id: SubscriptionId) -> AccountId | None:
        self._door.operator()
        return next((owner for owner, key in self._door.state.subscriptions if key == id), None)

    def of_invitation(self, secret_hash: str) -> AccountId | None:
        self._door.operator()
        everything = self._door.state.invitations.items()
        return next((owner for (owner, _), each in everything if each.secret_hash == secret_hash), None)

    def of_token(self, secret_hash: str) -> Bearer | None:
        self._door.operator()
        state = self._door.state
        token = next((token for held, token in state.access_tokens.values() if held == secret_hash), None)
        member = state.members.get((token.account_id, token.member_id)) if token else None
        if token is None or member is None or member.removed_at is not None:
            return None
        return Bearer(token, state.accounts[token.account_id], member, state.people[member.person_id])

    def add(self, account: Account) -> None:
        self._door.operator()
        self._door.writing()
        if self.of_company(account.company) or account.id in self._door.state.accounts:
            raise Taken("This company has an account already.")
        self._door.state.accounts[account.id] = account


class MemoryPeople:
    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, id: PersonId) -> Person:
        self._door.operator()
        if id not in self._door.state.people:
            raise NotFound("person", id)
        return self._door.state.people[id]

    def of_platform_user(self, platform: str, environment: Environment, user_id: PlatformUserId) -> Person | None:
        self._door.operator()
        key = (platform, environment, user_id)
        everybody = self._door.state.people.values()
        return next((p for p in everybody if (p.platform, p.environment, p.platform_user_id) == key), None)

    def put(self, person: Person) -> None:
        self._door.operator()
        self._door.writing()
        other = self.of_platform_user(person.platform, person.environment, person.platform_user_id)
        if other and other.id != person.id:
            raise Taken("This platform user is known as another person.")
        self._door.state.people[person.id] = person


class MemorySessions:
    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, id: str) -> Session | None:
        self._door.operator()
        return self._door.state.sessions.get(id)

    def put(self, session: Session) -> None:
        self._door.operator()
        self._door.writing()
        if session.id in self._door.state.sessions:
            raise Taken("This session is known.")
        self._door.state.sessions[session.id] = session

    def replace(self, session: Session) -> None:
        self._door.operator()
        self._door.writing()
        if session.id not in self._door.state.sessions:
            raise NotFound("session", session.id)
        self._door.state.sessions[session.id] = session

    def drop(self, id: str) -> None:
        self._door.operator()
        self._door.writing()
        self._door.state.sessions.pop(id, None)

    def drop_expired(self, at: datetime) -> int:
        self._door.operator()
        self._door.writing()
        over = [key for key, session in self._door.state.sessions.items() if session.expires_at <= at]
        for key in over:
            del self._door.state.sessions[key]
        return len(over)

    def of_person(self, id: PersonId) -> tuple[Session, ...]:
        self._door.operator()
        mine = [attrs.evolve(each, grant=None) for each in self._door.state.sessions.values() if each.person_id == id]
        return tuple(sorted(mine, key=lambda each: (each.expires_at, each.id), reverse=True))

    def drop_of_person(self, id: PersonId, *, account_id: AccountId | None = None, keep: str | None = None) -> int:
        self._door.operator()
        self._door.writing()
        mine = [
            each.id
            for each in self.of_person(id)
            if each.id != keep and (account_id is None or each.account_id == account_id)
        ]
        for key in mine:
            del self._door.state.sessions[key]
        return len(mine)

    def seen(self, id: str, at: datetime) -> None:
        self._door.operator()
        self._door.writing()
        known = self._door.state.sessions.get(id)
        if known is not None:
            self._door.state.sessions[id] = attrs.evolve(known, seen_at=at)


class MemoryMembers:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.members)

    def get(self, member_id: MemberId) -> Member:
        found = self._rows.find(member_id)
        if found is None:
            raise NotFound("member", member_id)
        return found

    def of_person(self, id: PersonId) -> Member | None:
        return next((each for each in self._rows.all() if each.person_id == id), None)

    def all(self) -> tuple[Member, ...]:
        return self._sorted(removed=False)

    def former(self) -> tuple[Member, ...]:
        return self._sorted(removed=True)

    def _sorted(self, *, removed: bool) -> tuple[Member, ...]:
        found = (each for each in self._rows.all() if (each.removed_at is not None) is removed)
        return tuple(sorted(found, key=lambda each: (each.name, each.id)))

    def put(self, member: Member, *, replacing: int) -> None:
        self._door.own(member.account_id)
        self._door.writing()
        stored = self._rows.find(member.id)
        fitting("member", member.id, stored, member, replacing)
        twin = self.of_person(member.person_id)
        if twin and twin.id != member.id:
            raise Taken("This person is a member already.")
        self._rows.put(member.id, attrs.evolve(member, seen_at=stored.seen_at if stored else None))

    def seen(self, id: MemberId, at: datetime) -> None:
        self._door.writing()
        known = self._rows.find(id)
        if known is not None:
            self._rows.put(id, attrs.evolve(known, seen_at=at))


class MemoryProfiles:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.profiles)

    def default(self) -> BillingProfile | None:
        return next(iter(self._rows.all()), None)  # dictionaries keep the order of first insertion

    def get(self, id: ProfileId) -> BillingProfile:
        found = self._rows.find(id)
        if found is None:
            raise NotFound("billing profile", id)
        return found

    def put(self, profile: BillingProfile, *, replacing: int) -> None:
        self._door.own(profile.account_id)
        self._door.writing()
        fitting("billing profile", profile.id, self._rows.find(profile.id), profile, replacing)
        self._rows.put(profile.id, profile)
