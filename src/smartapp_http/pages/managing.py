"""Manage Subscriptions, for the whole account and for one project."""

import functools
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Right
from smartapp_domain.ids import ProjectId
from smartapp_domain.ports.views import ProjectBilling, Tile
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, resume_renewal, stop_renewal
from smartapp_domain.use_cases.open_card_page import open_card_page
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.pages.central import PER_PAGE
from smartapp_http.pages.connection import connection_in, held_modules, lost_banners
from smartapp_http.pages.owing import owing_in, waiting_in
from smartapp_http.pools import PAGES, VENDORS
from smartapp_http.present import managing as present
from smartapp_http.present import words
from smartapp_http.present.central import renamed
from smartapp_http.present.owing import unpaid, waiting_orders
from smartapp_http.refusals import accepted
from smartapp_http.views import Area, Banner, Link, ManageView, Pager, Toast, Tone, in_words, paths
from smartapp_http.web import BadForm, Html, Web

#: The provider does not say whether the card was changed, only that the customer came back.
_CARD_SEEN: Final = Toast(
    "You are back from the payment provider. If you changed the card there, renewals and added projects are charged "
    "to the new one.",
    tone=Tone.OK,
)


@get(paths.MANAGE, opt=needs(Right.VIEW_BILLING), include_in_schema=False)
@PAGES
def manage(web: NamedDependency[Web]) -> Html:
    """Show every project that is or was licensed, the subscriptions and all invoices."""
    if web.asked("card"):
        return web.go(paths.MANAGE, toast=_CARD_SEEN)
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        page = reading.views.tiles(at=now, query="", number=web.asked_number("page"), per_page=PER_PAGE, licensed=True)
        subscriptions = reading.subscriptions.all()
        held = {each.id: reading.licenses.of_subscription(each.id) for each in subscriptions}
        connection = connection_in(reading, now)
        modules = held_modules(reading, now)
        owing = owing_in(reading, web, now)
        waiting = waiting_in(reading, web)
    told = present.being_told(chain.from_iterable(held.values()), now)
    if web.is_htmx and told:
        return web.unchanged()
    platform = web.settings.platform
    view = ManageView(
        projects=tuple(
            present.licensed_project(tile, at=now, connection=connection, platform=platform) for tile in page.items
        ),
        pager=Pager.of(page.number, page.pages, functools.partial(links.page, paths.MANAGE)),
        subscriptions=tuple(present.subscription_card(each, held[each.id], now) for each in subscriptions),
        invoices=present.invoice_rows(invoice for each in subscriptions for invoice in each.invoices),
        map_url=paths.PROJECTS if web.actor.may(Right.MAP_PROJECTS) else None,
        banners=(*owing.banners, *lost_banners(web, connection, modules)),
        waiting=waiting_orders(waiting),
        card=paths.CARD if subscriptions and web.actor.may(Right.BUY) else None,
        cannot_change=present.cannot_change(web.actor),
        poll_url=links.page(paths.MANAGE, page.number) if told else None,
    )
    return web.page("manage_subscription.html", view, area=Area.BILLING)


@get(f"{paths.CENTRAL}/{{project_id:str}}/subscription", opt=needs(Right.VIEW_PROJECTS), include_in_schema=False)
@PAGES
def project_subscription(web: NamedDependency[Web], project_id: FromPath[str]) -> Html:
    """Show what is licensed for one project, until when; prices and invoices for roles that may see money."""
    now, actor = web.ports.clock.now(), web.actor
    with web.ports.reading(actor.account_id) as reading:
        billing = reading.views.project_billing(ProjectId(project_id))
        subscriptions = {each.id: each for each in reading.subscriptions.all()}
        connection = connection_in(reading, now)
        held = {id: reading.licenses.of_subscription(id) for id in {x.subscription_id for x in billing.tile.licenses}}
        names = {str(member.id): member.name for member in reading.members.all()}
    told = present.being_told(billing.tile.licenses, now)
    if web.is_htmx and told:
        return web.unchanged()
    mine = [
        subscriptions[id]
        for id in dict.fromkeys(x.subscription_id for x in billing.tile.licenses)
        if id in subscriptions
    ]
    money = actor.may(Right.VIEW_BILLING)
    view = ManageView(
        renewal=present.whole_renewal(billing.tile, now) if actor.may(Right.BUY) else None,
        card=paths.CARD if actor.may(Right.BUY) and mine else None,
        project=present.project_page(
            billing,
            at=now,
            actor=actor,
            connection=connection,
            platform=web.settings.platform,
            intervals={x.id: x.interval for x in mine},
        ),
        subscriptions=tuple(present.subscription_card(each, held[each.id], now) for each in mine) if money else (),
        invoices=present.invoice_rows(billing.invoices, billing.share_cents) if money else None,
        history=present.history(billing.orders, names, money=money),
        rename=_rename(billing.tile, web),
        banners=(
            *_unpaid(billing, mine, web),
            *lost_banners(web, connection, _modules(billing.tile, now)),
            *_renamed(billing.tile, web),
        ),
        hidden_money=present.hidden_money(actor),
        cannot_change=present.cannot_change(actor),
        poll_url=links.project_subscription(ProjectId(project_id)) if told else None,
        map_url=paths.PROJECTS if actor.may(Right.MAP_PROJECTS) else None,
    )
    return web.page("manage_subscription.html", view, area=Area.CENTRAL)


def _modules(tile: Tile, at: datetime) -> frozenset[Module]:
    live = (license.product for license in tile.licenses if license.is_live(at))
    return frozenset(product for product in live if isinstance(product, Module))


def _unpaid(billing: ProjectBilling, subscriptions: Iterable[Subscription], web: Web) -> tuple[Banner, ...]:
    """Return what this project alone owes."""
    found = [
        banner
        for each in subscriptions
        for banner in unpaid(
            each,
            [invoice for invoice in each.invoices if invoice in billing.invoices],
            [license for license in billing.tile.licenses if license.subscription_id == each.id],
            at=web.ports.clock.now(),
            actor=web.actor,
            support_email=web.settings.support_email,
        )
    ]
    return tuple(dict.fromkeys(found))


@post(f"{paths.CENTRAL}/{{project_id:str}}/renewal", opt=needs(Right.BUY), status_code=200, include_in_schema=False)
@PAGES
def change_renewal(web: NamedDependency[Web], project_id: FromPath[str]) -> Html:
    """End a project's licenses with their period, or take that back; the field `module` is "" for all of them."""
    said, known = web.field("module"), {module.value: module for module in Module}
    if said not in {"", *known} or web.field("renews") not in ("0", "1"):
        raise BadForm("The form names no module, or not what to do.")
    wish = ChangeRenewal(web.actor, ProjectId(project_id), frozenset({known[said]}) if said else None)
    renews = web.field("renews") == "1"
    changed = accepted((resume_renewal if renews else stop_renewal)(wish, web.ports))
    return web.go(links.project_subscription(project_id), toast=_changed(changed, wish, renews=renews))


def _changed(changed: RenewalChanged, wish: ChangeRenewal, *, renews: bool) -> Toast:
    held = {each.product for each in changed.licenses} or (wish.modules or frozenset())
    names = [module.label for module in Module if module in held]
    who = f"{in_words(names) or 'Everything'} {'are' if len(names) > 1 else 'is'}"
    if renews:
        return Toast(f"{who} renewed again. Nothing was charged.", tone=Tone.OK)
    ends = min((each.ends_at for each in changed.licenses if each.ends_at), default=None)
    works = "They work" if len(names) > 1 else "It works"
    until = f" {works} until {words.day(ends)}, and you can undo this until then." if ends else ""
    return Toast(f"{who} not renewed any more.{until}", tone=Tone.OK)


@post(paths.CARD, opt=needs(Right.BUY), status_code=200, include_in_schema=False)
@VENDORS
def change_card(web: NamedDependency[Web]) -> Html:
    """Go to the provider's page for the stored card."""
    back = f"{web.settings.base_url}{paths.MANAGE}?card=1"
    return web.go(accepted(open_card_page(web.actor, back, web.ports)))


def _renamed(tile: Tile, web: Web) -> tuple[Banner, ...]:
    there = tile.platform_project
    if there is None or not renamed(tile):
        return ()
    text = f"It is called {there.title} there now. Here it keeps its name until somebody takes the new one over."
    return (Banner(f"Renamed in {web.settings.platform}", text, Tone.INFO),)


def _rename(tile: Tile, web: Web) -> Link | None:
    there = tile.platform_project
    if there is None or not renamed(tile) or not web.actor.may(Right.ADD_PROJECTS):
        return None
    return Link(there.title, links.adopt_name(tile.project.id))


HANDLERS: Final = (manage, project_subscription, change_renewal, change_card)
