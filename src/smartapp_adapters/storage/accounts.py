"""Accounts, and finding whose something is."""

from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.access_tokens import token_of
from smartapp_adapters.storage.members import member_of
from smartapp_adapters.storage.people import SqlPersonStore
from smartapp_adapters.storage.scoping import AccountRows, AcrossAccounts, Door
from smartapp_adapters.storage.tables import access_tokens, accounts, invitations, members, orders, subscriptions
from smartapp_domain.access_tokens import Bearer
from smartapp_domain.identity import Account, CompanyKey, Environment, Member
from smartapp_domain.ids import AccountId, OrderId, PersonId, PlatformCompanyId, SubscriptionId
from smartapp_domain.ports.storage import OPERATOR, NotFound, Taken


class SqlAccountStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._all = AcrossAccounts(door, accounts)

    def get(self, id: AccountId) -> Account:
        rows = self._all if self._door.scope is OPERATOR else AccountRows(self._door, accounts)
        found = rows.first(rows.select().where(accounts.c.account_id == id))
        if found is None:
            raise NotFound("account", id)
        return _account(found)

    def of_company(self, company: CompanyKey) -> Account | None:
        found = self._all.first(
            self._all.select().where(
                accounts.c.platform == company.platform,
                accounts.c.environment == company.environment.value,
                accounts.c.company_id == company.company_id,
            )
        )
        return _account(found) if found else None

    def of_person(self, id: PersonId) -> tuple[tuple[Account, Member], ...]:
        everybody = AcrossAccounts(self._door, members)
        mine = [member_of(row) for row in everybody.all(everybody.select().where(*_present(id)))]
        ids = [member.account_id for member in mine]
        found = self._all.all(self._all.select().where(accounts.c.account_id.in_(ids)))
        by_id = {row.account_id: _account(row) for row in found}
        pairs = [(by_id[member.account_id], member) for member in mine]
        return tuple(sorted(pairs, key=lambda pair: (pair[0].name, pair[0].id)))

    def of_order(self, id: OrderId) -> AccountId | None:
        return self._owner(orders, id)

    def of_subscription(self, id: SubscriptionId) -> AccountId | None:
        return self._owner(subscriptions, id)

    def of_invitation(self, secret_hash: str) -> AccountId | None:
        rows = AcrossAccounts(self._door, invitations)
        found = rows.first(rows.select(invitations.c.account_id).where(invitations.c.secret_hash == secret_hash))
        return AccountId(found.account_id) if found else None

    def of_token(self, secret_hash: str) -> Bearer | None:
        rows = AcrossAccounts(self._door, access_tokens)
        found = rows.first(rows.select().where(access_tokens.c.secret_hash == secret_hash))
        if found is None:
            return None
        token, people = token_of(found), AcrossAccounts(self._door, members)
        row = people.first(
            people.select().where(
                members.c.account_id == token.account_id,
                members.c.id == token.member_id,
                members.c.removed_at.is_(None),
            )
        )
        if row is None:
            return None
        member = member_of(row)
        return Bearer(token, self.get(token.account_id), member, SqlPersonStore(self._door).get(member.person_id))

    def _owner(self, table: sa.Table, id: str) -> AccountId | None:
        rows = AcrossAccounts(self._door, table)
        found = rows.first(rows.select(table.c.account_id).where(table.c.id == id))
        return AccountId(found.account_id) if found else None

    def add(self, account: Account) -> None:
        added = self._all.insert(
            {
                "account_id": account.id,
                "platform": account.company.platform,
                "environment": account.company.environment.value,
                "company_id": account.company.company_id,
                "name": account.name,
                "created_at": account.created_at,
            }
        )
        if not added:
            raise Taken("This company has an account already.")


def _present(id: PersonId) -> tuple[sa.ColumnElement[bool], ...]:
    return (members.c.person_id == id, members.c.removed_at.is_(None))


def _account(row: sa.Row[Any]) -> Account:
    company = CompanyKey(row.platform, Environment(row.environment), PlatformCompanyId(row.company_id))
    return Account(AccountId(row.account_id), company, row.name, row.created_at)
