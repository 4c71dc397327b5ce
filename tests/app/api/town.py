"""Two companies that use the product on a real database, each with something of everything."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Final

import attrs
import httpx
from litestar.datastructures import State
from litestar.types import ASGIApp
from tests.app.web.surfer import SETTINGS, Surfer

from smartapp_domain.access_tokens import LIFETIMES
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor, Environment, Member, Role
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.secret import hashed
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import PLATFORM, Workbench, numbered
from smartapp_domain.use_cases.own_access import CreateToken, create_token
from smartapp_emulators.serving import ThreadedServer
from smartapp_http.app import create_app
from smartapp_http.limits import Limits, Policy
from smartapp_http.sessions import new_token_secret

#: Real projects have such names.
NAMES: Final = ("TOTTENVILLE HS", "P.S. 26", "FLUSHING HS", "FLUSHING HS", "I.S. 7 „Ost“", "Grüne Straße", "7", "Zoo")
#: So high that nobody meets them, so that every answer has the headers.
LIMITS: Final = Limits(*(Policy(name, 1_000_000) for name in ("session", "address", "sign-in")))


@attrs.frozen
class Company:
    """
    One customer.

    Attributes:
        owner: A browser in which the first admin is signed in.
        ids: Real ids by what they name. Of members, invitations and tokens, those nobody here needs.

    """

    owner: Surfer
    member: Member
    ids: Mapping[str, tuple[str, ...]]


@attrs.frozen
class Town:
    """The application on a database, at `url`, and who uses it."""

    url: str
    state: State
    bench: Workbench
    acme: Company
    globex: Company
    _browsers: ExitStack
    _tokens: dict[tuple[str, Role], str] = attrs.field(factory=dict)

    def browser(self) -> Surfer:
        """Return a browser in which nobody is signed in."""
        return Surfer(self._browsers.enter_context(httpx.Client(base_url=self.url)), self.bench, MemoryClock())

    def token(self, company: Company, role: Role) -> str:
        """Return a personal access token of the company's owner with a role."""
        wanted = (company.member.id, role)
        if wanted not in self._tokens:
            self._tokens[wanted] = _token(self.bench, company.member, f"as {role.label}", role)
        return self._tokens[wanted]


@contextmanager
def built(storage: Storage, *, lying: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[Town]:
    """Start the application on a storage; `lying` may change what it answers."""
    bench, server = Workbench.of(storage), ThreadedServer(host_name="127.0.0.1")
    app = create_app(bench.ports, attrs.evolve(SETTINGS, base_url=server.url, limits=LIMITS))
    server.app = lying(app)
    with server, ExitStack() as browsers:

        def browser() -> Surfer:
            return Surfer(browsers.enter_context(httpx.Client(base_url=server.url)), bench, MemoryClock())

        acme, globex = (_founded(bench, name, browser) for name in ("acme", "globex"))
        yield Town(server.url, app.state, bench, acme, globex, browsers)


def _founded(bench: Workbench, name: str, browser: Callable[[], Surfer]) -> Company:
    """Found a company: its owner buys for two projects, ticks a third, adds one, and invites people."""
    company = _company(bench, name)
    owner, member = _arrived(bench, company, f"{name}-owner", browser)
    _, colleagues_member = _arrived(bench, company, f"{name}-colleague", browser)
    _, another_member = _arrived(bench, company, f"{name}-another", browser)
    rows = owner.api("GET", "/projects").json()["projects"]
    listed, numbers = [row["id"] for row in rows], [row["number"] for row in rows]
    checkouts = [owner.buy({listed[0]: ["planner", "planner_board"], listed[1]: ["safety"]})]
    owner.tick(listed[2], "safety")
    checkouts.append(owner.pay_page("month"))
    owner.api("POST", "/central/projects", {"name": f"Shed of {name}"})
    invitations = [
        owner.api("POST", "/invitations", {"email": f"{n}@{name}.example", "role": "admin"}).json()["invitation"]["id"]
        for n in range(3)
    ]
    _token(bench, colleagues_member, "of a colleague", Role.ADMIN)
    _token(bench, member, "of the owner", Role.ADMIN)
    with bench.ports.reading(member.account_id) as reading:
        orders = {order.id for project in listed[:3] for order in reading.orders.of_project(project)}
        tokens = [
            token.id for each in (member, colleagues_member) for token in reading.access_tokens.of_member(each.id)
        ]
    central = [project["id"] for project in owner.api("GET", "/central/projects").json()["projects"]]
    ids = {
        "platform project": tuple(listed),
        "name": (f"Yard of {name}",),
        "number": tuple(numbers),
        "own name": (f"Shed of {name}",),
        "ticked": (listed[2],),
        "project": tuple(central),
        "order": tuple(sorted(orders)),
        "checkout": tuple(checkouts),
        "member": (colleagues_member.id, another_member.id),
        "invitation": tuple(invitations),
        "token": tuple(tokens),
        "session": (hashed(owner.client.cookies["smartapp_session"])[:16],),
        "account": (member.account_id,),
        "company": (company,),
    }
    return Company(owner, member, ids)


def _company(bench: Workbench, name: str) -> PlatformCompanyId:
    """Return a company whose projects have ids no other's have."""
    start = 100 * (1 + len(bench.world.companies))
    company = bench.world.add_company(f"{start + 77}", f"Company {name}")
    names = (*NAMES, f"Yard of {name}")
    bench.world.add_projects(company, *(numbered(start + position, each) for position, each in enumerate(names)))
    for app in Module:
        bench.world.install(company, app)
    return company


def _arrived(
    bench: Workbench, company: PlatformCompanyId, person: str, browser: Callable[[], Surfer]
) -> tuple[Surfer, Member]:
    surfer = browser()
    user_id = bench.employ(company, person, admin=True)
    surfer.sign_in(user_id)
    with bench.ports.reading(OPERATOR) as reading:
        known = reading.people.of_platform_user(PLATFORM, Environment.PRODUCTION, user_id)
        assert known is not None
        [(_, member)] = reading.accounts.of_person(known.id)
    return surfer, member


def token_of(bench: Workbench, person: str, role: Role) -> str:
    """Return a personal access token of somebody who signed in once."""
    with bench.ports.reading(OPERATOR) as reading:
        known = reading.people.of_platform_user(PLATFORM, Environment.PRODUCTION, PlatformUserId(person))
        assert known is not None
        [(_, member)] = reading.accounts.of_person(known.id)
    return _token(bench, member, f"of {person}", role)


def _token(bench: Workbench, member: Member, name: str, role: Role) -> str:
    secret = new_token_secret()
    actor = Actor(member.account_id, member.id, member.role)
    made = create_token(CreateToken(actor, name, role, max(LIFETIMES), secret, datetime.now(UTC)), bench.ports)
    assert not hasattr(made, "reason"), made
    return secret
