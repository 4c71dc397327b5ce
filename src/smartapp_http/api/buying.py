"""Checkout, orders, Smartapp projects and their billing as JSON."""

from datetime import UTC, datetime
from typing import Annotated, Final

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from smartapp_domain.catalog import Interval, Module
from smartapp_domain.identity import Right
from smartapp_domain.ids import OrderId, ProjectId
from smartapp_domain.project import Project
from smartapp_domain.use_cases.add_project import add_project, adopt_name
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, resume_renewal, stop_renewal
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.offer import make_offer
from smartapp_domain.use_cases.settle_order import settle_order
from smartapp_http.access import needs
from smartapp_http.api import paging, said
from smartapp_http.api.addresses import BASE
from smartapp_http.api.documented import WRITING, problems
from smartapp_http.api.paging import Cursor, Limit, Search
from smartapp_http.api.schemas import (
    BillingOut,
    CentralOut,
    CentralProject,
    CheckoutIn,
    CheckoutOut,
    IdInPath,
    NewProjectIn,
    OfferOut,
    OrderOut,
    RenewalIn,
)
from smartapp_http.idempotency import once
from smartapp_http.looking import look
from smartapp_http.paying import wish_to_pay
from smartapp_http.pools import PAGES, VENDORS
from smartapp_http.refusals import accepted
from smartapp_http.web import Web

TAG: Final = ["Buying"]
CENTRAL_TAG: Final = ["Project Central"]
AskedInterval = Annotated[Interval, QueryParameter(description="How often it is to be paid; yearly if left out.")]


@post(
    f"{BASE}/checkout",
    opt=needs(Right.BUY),
    responses=problems(409, 502, 503),
    tags=TAG,
    security=WRITING,
)
@once(VENDORS)
def checkout(web: NamedDependency[Web], data: JSONBody[CheckoutIn]) -> CheckoutOut:
    """Buy exactly the offer with this fingerprint: by a pay page, or with the stored card at once."""
    look(web)
    shown_at = None if data.prorated_at is None else datetime.fromtimestamp(data.prorated_at, UTC)
    started = accepted(check_out(wish_to_pay(web, data.interval, data.fingerprint, shown_at), web.ports))
    return CheckoutOut(said.order(started.order), started.checkout.url, started.checkout.expires_at)


@get(f"{BASE}/offer", opt=needs(Right.MAP_PROJECTS), responses=problems(502, 503), tags=TAG)
@VENDORS
def offered(web: NamedDependency[Web], interval: AskedInterval = Interval.YEAR) -> OfferOut:
    """Return what the ticked projects come to, and whether that adds to a subscription there is."""
    look(web)
    return said.offer(accepted(make_offer(web.actor, interval, web.ports)), web.actor, web.ports)


@post(
    f"{BASE}/orders/{{order_id:str}}/give-up",
    opt=needs(Right.BUY),
    responses=problems(404, 409, 502, 503),
    tags=TAG,
    security=WRITING,
)
@once(VENDORS)
def give_up_order(web: NamedDependency[Web], order_id: IdInPath) -> OrderOut:
    """Let go of a payment that is not finished, whoever began it; one paid meanwhile stays paid."""
    return said.order(accepted(give_up(web.actor, OrderId(order_id), web.ports)))


@put(
    f"{BASE}/central/projects/{{project_id:str}}/renewal",
    opt=needs(Right.BUY),
    responses=problems(404, 409),
    tags=CENTRAL_TAG,
    security=WRITING,
)
@once(PAGES)
def renewal(web: NamedDependency[Web], project_id: IdInPath, data: JSONBody[RenewalIn]) -> CentralProject:
    """Let licenses end with the period that is paid, or take that back while they run."""
    modules = None if data.modules is None else frozenset(map(Module, data.modules))
    wish = ChangeRenewal(web.actor, ProjectId(project_id), modules)
    accepted((resume_renewal if data.renews else stop_renewal)(wish, web.ports))
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        return said.tile(reading.views.project_billing(ProjectId(project_id)).tile, now)


@get(f"{BASE}/orders/{{order_id:str}}", opt=needs(Right.VIEW_BILLING), responses=problems(404, 502, 503), tags=TAG)
@VENDORS
def order(web: NamedDependency[Web], order_id: IdInPath) -> OrderOut:
    """Return an order as the payment provider's word makes it now."""
    return said.order(settle_order(web.actor.account_id, OrderId(order_id), web.ports))


@get(f"{BASE}/central/projects", opt=needs(Right.VIEW_PROJECTS), responses=problems(), tags=CENTRAL_TAG)
@PAGES
def central(
    *, web: NamedDependency[Web], search: Search = "", limit: Limit = 50, cursor: Cursor = None
) -> Response[CentralOut]:
    """Return the account's Smartapp projects, or part of them."""
    look(web)
    now, about = web.ports.clock.now(), ("central", search)
    with web.ports.reading(web.actor.account_id) as reading:
        found = reading.views.tile_stretch(query=search, after=paging.after(web, cursor, *about), limit=limit)
    next_cursor = paging.cursor_of(web, found.anchor, *about)
    answer = CentralOut([said.tile(each, now) for each in found.items], next_cursor, found.total)
    return Response(answer, headers=paging.link(web, next_cursor))


@post(
    f"{BASE}/central/projects",
    opt=needs(Right.ADD_PROJECTS),
    responses=problems(422),
    tags=CENTRAL_TAG,
    security=WRITING,
)
@once(PAGES)
def create(web: NamedDependency[Web], data: JSONBody[NewProjectIn]) -> CentralProject:
    """Create a Smartapp project that is not linked to the platform."""
    return _unlinked(accepted(add_project(web.actor, data.name, web.ports)))


def _unlinked(project: Project) -> CentralProject:
    return CentralProject(project.id, project.name, project.number, None, None, None, [])


@put(
    f"{BASE}/central/projects/{{project_id:str}}/platform-name",
    opt=needs(Right.ADD_PROJECTS),
    responses=problems(404, 409),
    tags=CENTRAL_TAG,
    security=WRITING,
)
@once(PAGES)
def platform_name(web: NamedDependency[Web], project_id: IdInPath) -> CentralProject:
    """Give the project the name it has on the platform now."""
    accepted(adopt_name(web.actor, ProjectId(project_id), web.ports))
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        return said.tile(reading.views.project_billing(ProjectId(project_id)).tile, now)


@get(
    f"{BASE}/central/projects/{{project_id:str}}/billing",
    opt=needs(Right.VIEW_PROJECTS),
    responses=problems(404),
    tags=CENTRAL_TAG,
)
@PAGES
def billing(web: NamedDependency[Web], project_id: IdInPath) -> BillingOut:
    """Return what is licensed for a project, its prices, invoices and orders."""
    now, money = web.ports.clock.now(), web.actor.may(Right.VIEW_BILLING)
    with web.ports.reading(web.actor.account_id) as reading:
        found = reading.views.project_billing(ProjectId(project_id))
    return BillingOut(
        project=said.tile(found.tile, now),
        unit_cents={product.value: cents for product, cents in found.unit_cents.items()} if money else None,
        invoices=[said.invoice(each) for each in found.invoices] if money else None,
        orders=[each.id for each in found.orders] if money else None,
    )


HANDLERS: Final = (offered, checkout, order, give_up_order, renewal, central, create, platform_name, billing)
