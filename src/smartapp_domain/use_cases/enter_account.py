"""From "Continue with …" to a member of an account: identify the person, then enter the company they choose."""

from contextlib import suppress

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import (
    Account,
    CompanyKey,
    Environment,
    Person,
)
from smartapp_domain.ids import AccountId, PersonId
from smartapp_domain.invitations import Followed
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import (
    AccessDenied,
    AppNotInstalled,
    PersonGrant,
    PlatformCompany,
    PlatformError,
    PlatformPerson,
)
from smartapp_domain.ports.storage import OPERATOR, Stale, Taken
from smartapp_domain.ports.tokens import ConnectionUnreadable, TokenVault
from smartapp_domain.use_cases.join_account import Entered, Joining, join_account


@attrs.frozen
class Identified:
    """Somebody the platform vouches for, and the companies to choose from."""

    person: Person
    grant: PersonGrant
    companies: tuple[PlatformCompany, ...]


@attrs.frozen
class NotInstalled:
    """None of our apps is installed in this company, and the person is no member of an account of it."""

    company: PlatformCompany


@attrs.frozen
class OtherApp:
    """The app of this sign-in is not installed in the company, but another one of ours is: sign in through it."""

    company: PlatformCompany
    app: Module


def identify(*, platform: str, environment: Environment, app: Module, code: str, ports: Ports) -> Identified:
    """
    Turn the code of a sign-in into a known person; raise `SignInRejected` when the platform says no.

    Only the person and the list of companies are asked for: no company is touched before it is chosen.
    """
    grant = ports.sign_in.redeem(app, code)
    who = ports.sign_in.person(grant)
    companies = ports.sign_in.companies(grant)
    with ports.transaction(OPERATOR) as tx:
        known = tx.people.of_platform_user(platform, environment, who.id)
        person = Person(
            id=known.id if known else PersonId(ports.ids.fresh()),
            platform=platform,
            environment=environment,
            platform_user_id=who.id,
            # Outside a company there may be no name to learn; one learned inside is not forgotten for that.
            name=known.name if known and who.name == who.email else who.name,
            email=who.email,
        )
        tx.people.put(person)
    return Identified(person, grant, companies)


def enter_company(
    *,
    person: Person,
    company: PlatformCompany,
    grant: PersonGrant,
    ports: Ports,
    followed: Followed | None = None,
) -> Entered | NotInstalled | OtherApp | Refused:
    """
    Make the person a member of the company's account, creating the account when they are the first.

    The grant answers who the person is there, whether they are a company admin and which projects they can see, and is
    then dropped: background work never uses it, unless connections are set to run in an admin's name. Entering again
    changes nothing but the trail. Refused is only who was removed from the account and comes without an invitation.
    Where no app of ours is installed, members alone get in (docs/domain.md L-84).
    """
    key = CompanyKey(person.platform, person.environment, company.id)
    with ports.reading(OPERATOR) as reading:
        known = reading.accounts.of_company(key)
    account_id = known.id if known else AccountId(ports.ids.fresh())
    try:
        if ports.connections is None:
            installed = ports.platform.installed(account_id, company.id)
            if grant.app not in installed:
                other = next((module for module in Module if module in installed), None)
                if other is None:
                    return _without_app(person, company, grant, known, ports)
                _forget(grant, ports)
                return OtherApp(company, other)
        is_admin = ports.sign_in.is_company_admin(grant, company.id)
        who = ports.sign_in.person(grant, company.id)
        visible = tuple(ports.sign_in.projects(grant, company.id))
    except AppNotInstalled:
        return _without_app(person, company, grant, known, ports)
    person = _named(person, who, known, ports)
    account = known or _open_account(account_id, key, company.name, ports)
    joining = Joining(account, person, is_admin, followed, founds=known is None)
    entered = join_account(joining, visible, ports)
    if isinstance(entered, Refused):
        _forget(grant, ports)
        return entered
    if ports.connections is not None and is_admin:
        _connect(account.id, grant, ports.connections, ports)
    else:
        _forget(grant, ports)
    return entered


def _without_app(
    person: Person, company: PlatformCompany, grant: PersonGrant, known: Account | None, ports: Ports
) -> Entered | NotInstalled | Refused:
    """
    Let a member in to what is Smartapp's own: licenses, invoices and the end of a renewal.

    All the platform still tells is who signed in and which companies they belong to, so that is asked anew: the list of
    the sign-in may be as old as the choice of a company took. Nobody becomes a member or another role by that little.
    """
    if known is None:
        return NotInstalled(company)
    with ports.reading(OPERATOR) as reading:
        is_member = any(account.id == known.id for account, _ in reading.accounts.of_person(person.id))
    if not is_member:
        return NotInstalled(company)
    if all(each.id != company.id for each in ports.sign_in.companies(grant)):
        raise AccessDenied(
            f"You do not belong to {company.name} any more.", remedy="Ask one of its admins to add you, then sign in."
        )
    joining = Joining(known, person, is_company_admin=False, followed=None, founds=False)
    entered = join_account(joining, (), ports)
    _forget(grant, ports)
    return entered


def _forget(grant: PersonGrant, ports: Ports) -> None:
    """Revoke a grant; a platform that cannot do it just now lets it die by itself, and keeps nobody out."""
    with suppress(PlatformError):
        ports.sign_in.forget(grant)


def _connect(account_id: AccountId, grant: PersonGrant, connections: TokenVault, ports: Ports) -> None:
    """Keep an admin's grant for background work, in place of an older one; a renewal under way loses against it."""
    tokens = Tokens(grant.access_token, grant.expires_at, grant.refresh_token)
    while True:
        try:
            known = connections.load(account_id, grant.app)
        except ConnectionUnreadable:  # its key is gone; a sign-in is what mends that
            connections.drop(account_id, grant.app)
            known = None
        fresh = Connection.by_person(tokens, at=ports.clock.now(), replacing=known)
        try:
            connections.save(account_id, grant.app, fresh, replacing=known.version if known else 0)
        except Stale:  # each loss is somebody else's step forward, so this ends
            continue
        return


def _named(person: Person, who: PlatformPerson, account: Account | None, ports: Ports) -> Person:
    """
    Store the name and e-mail the person has in the company they chose.

    Sessions in the account of somebody who is no member of it are from before they were removed. None of them may lead
    anywhere again when they come back by invitation, so whichever are left end here.
    """
    person = attrs.evolve(person, name=who.name, email=who.email)
    with ports.transaction(OPERATOR) as tx:
        tx.people.put(person)
        if account is not None and all(each.id != account.id for each, _ in tx.accounts.of_person(person.id)):
            tx.sessions.drop_of_person(person.id, account_id=account.id)
    return person


def _open_account(account_id: AccountId, key: CompanyKey, name: str, ports: Ports) -> Account:
    account = Account(account_id, key, name, ports.clock.now())
    try:
        with ports.transaction(OPERATOR) as tx:
            tx.accounts.add(account)
    except Taken:  # somebody else was first by a moment: theirs is the account
        with ports.reading(OPERATOR) as reading:
            first = reading.accounts.of_company(key)
        assert first is not None
        return first
    return account
