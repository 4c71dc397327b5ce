"""
Small makers of valid values for tests: every argument has a default, and names say which thing it is.

Ids are readable on purpose (`tower`, `acme`); moments are fixed, so that equal calls give equal values.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from smartapp_domain.access_tokens import AccessToken
from smartapp_domain.audit import By, Deed, Entry, Subject
from smartapp_domain.billing import (
    BillingEvent,
    Checkout,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from smartapp_domain.catalog import Interval, Module, Product
from smartapp_domain.identity import (
    Account,
    Actor,
    BillingProfile,
    CompanyKey,
    Environment,
    Member,
    Person,
    Role,
    Via,
)
from smartapp_domain.ids import (
    AccountId,
    CheckoutId,
    CustomerId,
    EntryId,
    EventId,
    InvitationId,
    InvoiceId,
    JobId,
    LicenseId,
    MemberId,
    OrderId,
    PersonId,
    PlatformCompanyId,
    PlatformProjectId,
    PlatformUserId,
    ProfileId,
    ProjectId,
    SubscriptionId,
    TokenId,
)
from smartapp_domain.invitations import Invitation
from smartapp_domain.jobs import Job, JobKind
from smartapp_domain.licensing import Coverage, License, Payment
from smartapp_domain.mapping import DraftRow, MappingState, NewProject, ProjectMapping, Target
from smartapp_domain.ordering import Extension, Order, OrderItem
from smartapp_domain.ports.storage import Session, Storage
from smartapp_domain.pricing import LIST_PRICES, PriceBook, Quote, QuoteLine, fingerprint, grouped, quote
from smartapp_domain.project import PlatformProject, Project
from smartapp_domain.selection import Selection

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
BOTH_APPS = frozenset({Module.PLANNER, Module.SAFETY})
PLANNER = Selection.of(Module.PLANNER)
SAFETY = Selection.of(Module.SAFETY)


def account(id: str = "acme", **changes: Any) -> Account:
    company = CompanyKey("procore", Environment.PRODUCTION, PlatformCompanyId(f"company-{id}"))
    return attrs.evolve(Account(AccountId(id), company, id.title(), NOON), **changes)


def person(id: str = "pat", **changes: Any) -> Person:
    user = PlatformUserId(f"user-{id}")
    made = Person(PersonId(id), "procore", Environment.PRODUCTION, user, id.title(), f"{id}@example.com")
    return attrs.evolve(made, **changes)


def member(id: str = "pat", account_id: str = "acme", **changes: Any) -> Member:
    owner = AccountId(account_id)
    made = Member(MemberId(id), owner, PersonId(id), id.title(), f"{id}@example.com", Role.OWNER, NOON)
    return attrs.evolve(made, **changes)


def invitation(id: str = "invitation", account_id: str = "acme", **changes: Any) -> Invitation:
    """Return `pat`'s invitation of `id`@example.com, found by the hash `hash of id`."""
    made = Invitation(
        id=InvitationId(id),
        account_id=AccountId(account_id),
        email=f"{id}@example.com",
        role=Role.ADMIN,
        invited_by=MemberId("pat"),
        expires_at=NOON + timedelta(days=14),
        secret_hash=f"hash of {id}",
    )
    return attrs.evolve(made, **changes)


def access_token(id: str = "token", account_id: str = "acme", **changes: Any) -> AccessToken:
    """Return a token of `pat`'s."""
    made = AccessToken(
        id=TokenId(id),
        account_id=AccountId(account_id),
        member_id=MemberId("pat"),
        name=id.title(),
        role=Role.ADMIN,
        hint="Xy9z",
        created_at=NOON,
        expires_at=NOON + timedelta(days=90),
    )
    return attrs.evolve(made, **changes)


def entry(id: str = "entry", account_id: str = "acme", member_id: str | None = "pat", **changes: Any) -> Entry:
    """Return `pat`'s change of a role, as the trail tells it."""
    who = MemberId(member_id) if member_id else None
    made = Entry(
        id=EntryId(id),
        account_id=AccountId(account_id),
        at=NOON,
        deed=Deed.ROLE_CHANGED,
        by=By(AccountId(account_id), Via.PAGE, who, "Pat"),
        subject=Subject("sam", "Sam"),
        details=(("from", "admin"), ("to", "owner")),
    )
    return attrs.evolve(made, **changes)


def actor(id: str = "pat", account_id: str = "acme", role: Role = Role.OWNER) -> Actor:
    return Actor(AccountId(account_id), MemberId(id), role)


def profile(id: str = "acme-billing", account_id: str = "acme", **changes: Any) -> BillingProfile:
    made = BillingProfile(ProfileId(id), AccountId(account_id), "Acme Inc.", "billing@example.com")
    return attrs.evolve(made, **changes)


def session(id: str = "session", **changes: Any) -> Session:
    return attrs.evolve(Session(id, NOON + timedelta(hours=12)), **changes)


def platform_project(id: str = "tower", **changes: Any) -> PlatformProject:
    made = PlatformProject(PlatformProjectId(id), id.title(), city="Austin", apps=BOTH_APPS, created_at=NOON)
    return attrs.evolve(made, **changes)


def project(id: str = "tower", account_id: str = "acme", **changes: Any) -> Project:
    return attrs.evolve(Project(ProjectId(id), AccountId(account_id), id.title(), None, NOON), **changes)


def mapping(
    id: str = "tower", project_id: str | None = None, account_id: str = "acme", **changes: Any
) -> ProjectMapping:
    made = ProjectMapping(
        AccountId(account_id), PlatformProjectId(id), ProjectId(project_id or id), MappingState.LINKED, NOON
    )
    return attrs.evolve(made, **changes)


def draft_row(id: str = "tower", selection: Selection = PLANNER, target: Target | None = None) -> DraftRow:
    return DraftRow(PlatformProjectId(id), selection, target or NewProject())


def order(
    id: str = "order-1",
    account_id: str = "acme",
    wants: Mapping[str, Selection] | None = None,
    *,
    interval: Interval = Interval.YEAR,
    price_book: PriceBook = LIST_PRICES,
    **changes: Any,
) -> Order:
    """Return an open order of `pat`'s; `wants` says the selection per platform project id (default: tower, Planner)."""
    wants = {"tower": PLANNER} if wants is None else wants
    offered = quote(wants.values(), interval, price_book)
    items = tuple(
        OrderItem(PlatformProjectId(key), key.title(), None, wants[key], NewProject()) for key in sorted(wants)
    )
    made = Order(
        OrderId(id),
        AccountId(account_id),
        MemberId("pat"),
        ProfileId(f"{account_id}-billing"),
        offered,
        items,
        price_book.version,
        fingerprint(wants, offered, price_book),
        NOON,
    )
    return attrs.evolve(made, **changes)


def extending(subscription: Subscription, order: Order, *, at: datetime, **changes: Any) -> Order:
    """Return an order that adds what it bought to a subscription instead of beginning one, prorated from `at`."""
    held = {item.product: item for item in subscription.items}
    bought = {line.product: line for line in order.quote.lines}
    lines = [
        QuoteLine(
            product,
            (held[product].quantity if product in held else 0) + order.quote.quantity(product),
            (held[product] if product in held else bought[product]).unit_cents,
        )
        for product in grouped([*held, *bought])
    ]
    renewal = Quote(order.interval, tuple(line for line in lines if line.quantity))
    extends = Extension(subscription.id, renewal, order.price_book_version, at.replace(microsecond=0))
    return attrs.evolve(order, **{"extends": extends, "created_at": at, **changes})


def checkout(id: str = "checkout-1") -> Checkout:
    return Checkout(CheckoutId(id), f"https://pay.example.com/{id}", NOON + timedelta(hours=1))


def license(
    id: str = "license-1",
    account_id: str = "acme",
    project_id: str = "tower",
    product: Product = Module.PLANNER,
    **changes: Any,
) -> License:
    """Return a license granted at noon whose first year is paid by `invoice-1`."""
    paid = Coverage(NOON, NOON + YEAR, InvoiceId("invoice-1"), f"line-{product.value}", Payment.PAID)
    made = License(
        LicenseId(id),
        AccountId(account_id),
        ProjectId(project_id),
        product,
        SubscriptionId("subscription-1"),
        OrderId("order-1"),
        NOON,
        NOON,
        (paid,),
    )
    return attrs.evolve(made, **changes)


def invoice_line(product: Product = Module.PLANNER, quantity: int = 1, **changes: Any) -> InvoiceLine:
    made = InvoiceLine(f"line-{product.value}", product, quantity, 354_000 * quantity, NOON, NOON + YEAR)
    return attrs.evolve(made, **changes)


def invoice(id: str = "invoice-1", *lines: InvoiceLine, **changes: Any) -> Invoice:
    lines = lines or (invoice_line(),)
    total = sum(line.amount_cents for line in lines)
    made = Invoice(InvoiceId(id), f"NO-{id}", InvoiceStatus.PAID, total, NOON, lines)
    return attrs.evolve(made, **changes)


def subscription(id: str = "subscription-1", *, quantity: int = 1, **changes: Any) -> Subscription:
    """Return an active yearly subscription to Planner with its paid first invoice."""
    made = Subscription(
        SubscriptionId(id),
        CustomerId("customer-1"),
        SubscriptionStatus.ACTIVE,
        Interval.YEAR,
        (SubscriptionItem(Module.PLANNER, quantity, 354_000, NOON, NOON + YEAR),),
        (invoice("invoice-1", invoice_line(quantity=quantity)),),
        NOON,
        order_id=OrderId("order-1"),
    )
    return attrs.evolve(made, **changes)


def billing_event(id: str = "event-1", **changes: Any) -> BillingEvent:
    made = BillingEvent(EventId(id), "checkout.session.completed", NOON, CheckoutId("checkout-1"), OrderId("order-1"))
    return attrs.evolve(made, **changes)


def job(id: str = "job-1", kind: JobKind = JobKind.FULFILL_ORDER, subject: str = "order-1", **changes: Any) -> Job:
    return attrs.evolve(Job(JobId(id), kind, AccountId("acme"), subject, NOON, NOON), **changes)


def license_tower(storage: Storage, account_id: str = "acme") -> None:
    """Store what a finished purchase of Planner for `tower` leaves behind, in an account that exists."""
    with storage.transaction(AccountId(account_id)) as tx:
        tx.platform_projects.replace_all([platform_project()])
        tx.projects.put(project(account_id=account_id), replacing=0)
        tx.mappings.put(mapping(account_id=account_id), replacing=0)
        tx.licenses.put(license(account_id=account_id), replacing=0)
        tx.subscriptions.put(subscription(), replacing=None)
