"""Checkout, orders, Smartapp projects and their billing as JSON."""

from typing import Final

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from smartapp_domain.catalog import Interval
from smartapp_domain.identity import Right
from smartapp_domain.ids import OrderId, ProjectId
from smartapp_domain.project import Project
from smartapp_domain.use_cases.add_project import add_project, adopt_name
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.settle_order import settle_order
from smartapp_http.access import needs
from smartapp_http.api import said
from smartapp_http.api.documented import WRITING, problems
from smartapp_http.api.people import BASE
from smartapp_http.api.projects import Number, PerPage, Query
from smartapp_http.api.schemas import (
    BillingOut,
    CentralOut,
    CentralProject,
    CheckoutIn,
    CheckoutOut,
    NewProjectIn,
    OrderOut,
)
from smartapp_http.paying import wish_to_pay
from smartapp_http.pools import PAGES, VENDORS
from smartapp_http.refusals import accepted
from smartapp_http.web import Web

TAG: Final = ["Buying"]
CENTRAL_TAG: Final = ["Project Central"]


@post(
    f"{BASE}/checkout",
    opt=needs(Right.BUY),
    responses=problems(409, 422, 502, 503),
    tags=TAG,
    security=WRITING,
)
@VENDORS
def checkout(web: NamedDependency[Web], data: JSONBody[CheckoutIn]) -> CheckoutOut:
    """Open the pay page for exactly the offer with this fingerprint."""
    started = accepted(check_out(wish_to_pay(web, Interval(data.interval), data.fingerprint), web.ports))
    return CheckoutOut(said.order(started.order), started.checkout.url, started.checkout.expires_at)


@get(f"{BASE}/orders/{{order_id:str}}", opt=needs(Right.VIEW_BILLING), responses=problems(404, 502, 503), tags=TAG)
@VENDORS
def order(web: NamedDependency[Web], order_id: FromPath[str]) -> OrderOut:
    """Return an order as the payment provider's word makes it now."""
    return said.order(settle_order(web.actor.account_id, OrderId(order_id), web.ports))


@get(f"{BASE}/central/projects", opt=needs(Right.VIEW_PROJECTS), responses=problems(), tags=CENTRAL_TAG)
@PAGES
def central(web: NamedDependency[Web], search: Query = "", page: Number = 1, per_page: PerPage = 50) -> CentralOut:
    """Return one page of the account's Smartapp projects."""
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        found = reading.views.tiles(at=now, query=search, number=page, per_page=per_page)
    return CentralOut([said.tile(each, now) for each in found.items], found.number, found.pages, found.total)


@post(
    f"{BASE}/central/projects",
    opt=needs(Right.ADD_PROJECTS),
    responses=problems(422),
    tags=CENTRAL_TAG,
    security=WRITING,
)
@PAGES
def create(web: NamedDependency[Web], data: JSONBody[NewProjectIn]) -> CentralProject:
    """Create a Smartapp project that is not linked to the platform."""
    return _unlinked(accepted(add_project(web.actor, data.name, web.ports)))


def _unlinked(project: Project) -> CentralProject:
    return CentralProject(project.id, project.name, project.number, None, [])


@put(
    f"{BASE}/central/projects/{{project_id:str}}/platform-name",
    opt=needs(Right.ADD_PROJECTS),
    responses=problems(404, 409),
    tags=CENTRAL_TAG,
    security=WRITING,
)
@PAGES
def platform_name(web: NamedDependency[Web], project_id: FromPath[str]) -> CentralProject:
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
def billing(web: NamedDependency[Web], project_id: FromPath[str]) -> BillingOut:
    """Return what is licensed for a project, its prices, invoices and orders."""
    now, money = web.ports.clock.now(), web.actor.may(Right.VIEW_BILLING)
    with web.ports.reading(web.actor.account_id) as reading:
        found = reading.views.project_billing(ProjectId(project_id))
    return BillingOut(
        project=said.tile(found.tile, now),
        unit_cents={product.value: cents for product, cents in found.unit_cents.items()} if money else None,
        invoices=[said.invoice(each) for each in found.invoices] if money else None,
        orders=[each.id for each in found.orders],
    )


HANDLERS: Final = (checkout, order, central, create, platform_name, billing)
