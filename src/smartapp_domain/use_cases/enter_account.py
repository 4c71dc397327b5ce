"""From "Continue with …" to a member of an account: identify the person, then enter the company they choose."""

from contextlib import suppress

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Account, CompanyKey, Environment, Member, Person, Role, role_on_joining
from smartapp_domain.ids import AccountId, MemberId, PersonId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import PersonGrant, PlatformCompany, PlatformError, PlatformPerson
from smartapp_domain.ports.storage import OPERATOR, Taken
from smartapp_domain.ports.tokens import Tokens, TokenVault
from smartapp_domain.project import PlatformProject
from smartapp_domain.use_cases.refresh_projects import request_refresh


@attrs.frozen
class Identified:
    """Somebody the platform vouches for, and the companies to choose from."""

    person: Person
    grant: PersonGrant
    companies: tuple[PlatformCompany, ...]


@attrs.frozen
class Entered:
    account: Account
    member: Member


@attrs.frozen
class NotInstalled:
    """None of our apps is installed in this company."""

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
    *, person: Person, company: PlatformCompany, grant: PersonGrant, ports: Ports
) -> Entered | NotInstalled | OtherApp:
    """
    Make the person a member of the company's account, creating the account when they are the first.

    The grant answers who the person is there, whether they are a company admin and which projects they can see, and is
    then dropped: background work never uses it, unless connections are set to run in an admin's name. Calling it twice
    changes nothing more.
    """
    key = CompanyKey(person.platform, person.environment, company.id)
    with ports.reading(OPERATOR) as reading:
        known = reading.accounts.of_company(key)
    account_id = known.id if known else AccountId(ports.ids.fresh())
    if ports.connections is None:
        installed = ports.platform.installed(account_id, company.id)
        if grant.app not in installed:
            other = next((module for module in Module if module in installed), None)
            if other is None:
                return NotInstalled(company)
            _forget(grant, ports)
            return OtherApp(company, other)
    is_admin = ports.sign_in.is_company_admin(grant, company.id)
    person = _named(person, ports.sign_in.person(grant, company.id), ports)
    visible = tuple(ports.sign_in.projects(grant, company.id))
    account = known or _open_account(account_id, key, company.name, ports)
    member = _join(account, person, is_company_admin=is_admin, visible=visible, ports=ports)
    if ports.connections is not None and is_admin:
        _connect(account.id, grant, ports.connections)
    else:
        _forget(grant, ports)
    return Entered(account, member)


def _forget(grant: PersonGrant, ports: Ports) -> None:
    """Revoke a grant; a platform that cannot do it just now lets it die by itself, and keeps nobody out."""
    with suppress(PlatformError):
        ports.sign_in.forget(grant)


def _connect(account_id: AccountId, grant: PersonGrant, connections: TokenVault) -> None:
    """Keep an admin's grant for background work, in place of an older one."""
    known = connections.load(account_id, grant.app)
    version = known.version if known else 0
    tokens = Tokens(grant.access_token, grant.expires_at, grant.refresh_token, version + 1)
    connections.save(account_id, grant.app, tokens, replacing=version)


def _named(person: Person, who: PlatformPerson, ports: Ports) -> Person:
    """Store the name and e-mail the person has in the company they chose."""
    person = attrs.evolve(person, name=who.name, email=who.email)
    with ports.transaction(OPERATOR) as tx:
        tx.people.put(person)
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


def _join(
    account: Account, person: Person, *, is_company_admin: bool, visible: tuple[PlatformProject, ...], ports: Ports
) -> Member:
    with ports.transaction(account.id) as tx:
        member = tx.members.of_person(person.id)
        role = role_on_joining(tx.members.all(), is_company_admin=is_company_admin)
        if member is None:
            member = Member(
                id=MemberId(ports.ids.fresh()),
                account_id=account.id,
                person_id=person.id,
                name=person.name,
                email=person.email,
                role=role,
                joined_at=ports.clock.now(),
            )
            tx.members.put(member, replacing=0)
        elif member != (renewed := _renewed(member, person, role)):
            member = renewed
            tx.members.put(member, replacing=member.version - 1)
        tx.platform_projects.note(visible)
        request_refresh(tx, account.id, ports)
    return member


def _renewed(member: Member, person: Person, role: Role) -> Member:
    """Return a member as they are now: name and e-mail follow the platform; an account without Owner gets one."""
    role = role if role is Role.OWNER else member.role
    now = attrs.evolve(member, name=person.name, email=person.email, role=role)
    return member if now == member else attrs.evolve(now, version=member.version + 1)
