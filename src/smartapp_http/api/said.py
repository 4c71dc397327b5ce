"""Domain values in the words of the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from smartapp_domain.billing import Invoice
from smartapp_domain.catalog import PRODUCTS, Product
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Account, Actor, Right, Role
from smartapp_domain.licensing import License
from smartapp_domain.mapping import ExistingProject, Summary
from smartapp_domain.ordering import Order
from smartapp_domain.pasting import Fate, Found, PastePlan
from smartapp_domain.ports import Ports
from smartapp_domain.ports.views import MappingRow, Tile
from smartapp_domain.pricing import Quote
from smartapp_domain.use_cases.map_projects import Reviewed
from smartapp_domain.use_cases.offer import Offer
from smartapp_http.api import schemas as out
from smartapp_http.present.words import in_catalog_order


def code(product: Product) -> out.ProductCode:
    return cast("out.ProductCode", product.value)


def account(of: Account, role: Role, *, current: bool) -> out.AccountOut:
    key = of.company
    return out.AccountOut(of.id, of.name, key.platform, key.environment, role, current)


def license(of: License, at: datetime) -> out.LicenseOut:
    return out.LicenseOut(code(of.product), of.state(at), of.covered_until, of.ends_at)


def licenses(of: Iterable[License], at: datetime) -> list[out.LicenseOut]:
    return [license(each, at) for each in in_catalog_order(of)]


def paste(of: PastePlan, counts: Summary | None = None) -> out.PasteOut:
    return out.PasteOut(
        lines=[_pasted(each) for each in of.found],
        ticked=len(of.of(Fate.MATCHED)),
        summary=summary(counts) if counts else None,
    )


def _pasted(of: Found) -> out.PastedLine:
    return out.PastedLine(
        line=of.line.number,
        text=of.line.text,
        fate=of.fate,
        projects=[out.PastedProject(each.id, each.name, each.number) for each in of.candidates],
        products=[code(each) for each in of.products],
        same_as=of.same_as,
    )


def row(of: MappingRow, at: datetime) -> out.ProjectRow:
    held = {each.product for each in of.licenses}
    wanted = of.draft.selection.products if of.draft else ()
    return out.ProjectRow(
        id=of.project.id,
        name=of.project.name,
        number=of.project.number,
        city=of.project.city,
        state=of.state,
        ticked=of.draft is not None,
        products=[code(p) for p in PRODUCTS if p in (held or wanted)],
        target=_target(of),
        locked=bool(of.licenses),
        licenses=licenses(of.licenses, at),
    )


def _target(of: MappingRow) -> str | None:
    if of.linked is not None:
        return of.linked.id
    target = of.draft.target if of.draft else None
    return target.project_id if isinstance(target, ExistingProject) else None


def summary(of: Summary) -> out.SummaryOut:
    return out.SummaryOut(of.projects, {product.value: of.counts.get(product, 0) for product in PRODUCTS})


def quote(of: Quote, currency: str) -> out.QuoteOut:
    return out.QuoteOut(
        interval=of.interval,
        lines=[out.LineOut(code(x.product), x.quantity, x.unit_cents, x.amount_cents) for x in of.lines],
        left_out={add_on.value: number for add_on, number in of.left_out},
        total_cents=of.total_cents,
        currency=currency,
    )


def offer(of: Offer, actor: Actor, ports: Ports) -> out.OfferOut:
    return out.OfferOut(
        quote=quote(of.quote, ports.price_book.currency),
        fingerprint=of.fingerprint,
        extension=_extension(of, money=actor.may(Right.VIEW_BILLING)),
        problems=[
            *(problem(each) for each in of.reviewed.problems),
            *([_not_now(of.not_now, money=actor.may(Right.VIEW_BILLING))] if of.not_now else []),
        ],
    )


def _extension(of: Offer, *, money: bool) -> out.ExtensionOut | None:
    if of.extension is None or of.preview is None or of.preview.card is None:
        return None
    return out.ExtensionOut(
        subscription=of.extension.subscription_id if money else None,
        due_cents=of.preview.due_cents,
        renewal_cents=of.preview.renewal_cents if money else None,
        renews_at=of.preview.renews_at,
        card=of.preview.card if money else None,
        prorated_at=int(of.extension.prorated_at.timestamp()),
    )


def review(of: Reviewed, ports: Ports) -> out.ReviewOut:
    now, currency = ports.clock.now(), ports.price_book.currency
    return out.ReviewOut(
        projects=[row(each, now) for each in of.rows],
        summary=summary(of.summary),
        problems=[problem(each) for each in of.problems],
        warnings=list(of.warnings),
        quotes=[quote(each, currency) for each in of.quotes.values()],
    )


def problem(of: Refused) -> out.RowProblemOut:
    """Return why a row cannot be bought: it is about its project."""
    return out.RowProblemOut(of.reason.value, of.message, project=of.about)


def _not_now(of: Refused, *, money: bool) -> out.RowProblemOut:
    """Return why nothing can be bought at this moment: it is about no project, but an order that can be given up."""
    return out.RowProblemOut(of.reason.value, of.message, order=of.about if money else None)


def order(of: Order) -> out.OrderOut:
    return out.OrderOut(
        id=of.id,
        state=of.state,
        interval=of.interval,
        total_cents=of.quote.total_cents,
        created_at=of.created_at,
        items=[
            out.OrderItemOut(item.platform_project_id, item.name, [code(p) for p in item.selection.products])
            for item in of.items
        ],
        closed_because=of.closed_because,
        due_cents=of.charged_cents,
        extends=of.extends.subscription_id if of.extends else None,
    )


def tile(of: Tile, at: datetime) -> out.CentralProject:
    there, link = of.platform_project, of.link
    return out.CentralProject(
        id=of.project.id,
        name=of.project.name,
        number=of.project.number,
        platform_project=there.id if there else None,
        link=cast("out.LinkState", link.state.value) if link else None,
        disconnected_at=link.disconnected_at if link else None,
        licenses=licenses(of.licenses, at),
    )


def invoice(of: Invoice) -> out.InvoiceOut:
    return out.InvoiceOut(of.id, of.number, of.status, of.total_cents, of.created_at, of.hosted_url)
