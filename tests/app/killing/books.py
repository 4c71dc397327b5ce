"""What must hold at the end, in our books, at the provider and at the platform."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import attrs
from tests.app.killing.site import Site
from tests.app.killing.world import Company

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.identity import Account, CompanyKey, Environment
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import OPERATOR

Json = dict[str, Any]
_PAY_PAGES: Final = "/v1/checkout/sessions"


@attrs.frozen
class Books:
    """One account as we have it."""

    account: Account
    orders: tuple[Order, ...]
    licenses: tuple[License, ...]
    ledger: LicenseLedger

    @property
    def fulfilled(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.state is OrderState.FULFILLED)


def account_of(storage: SqlStorage, company: Company) -> Account:
    key = CompanyKey("procore", Environment.PRODUCTION, PlatformCompanyId(str(company.id)))
    with storage.reading(OPERATOR) as reading:
        account = reading.accounts.of_company(key)
    assert account is not None, f"Nobody of company {company.id} ever arrived."
    return account


def read(storage: SqlStorage, company: Company) -> Books:
    account = account_of(storage, company)
    with storage.reading(account.id) as reading:
        fulfilled = (
            order for id in company.projects for order in reading.orders.of_project(PlatformProjectId(str(id)))
        )
        found = {order.id: order for order in (*reading.orders.open(), *fulfilled)}
        licenses = reading.licenses.all()
        ledger = LicenseLedger(licenses, reading.subscriptions.all())
    return Books(account, tuple(found.values()), licenses, ledger)


def at_rest(
    site: Site, storage: SqlStorage, *companies: Company, tend: Callable[[], None], within_s: float = 90
) -> None:
    """Wait until nothing is under way, calling `tend` all the while; what never comes to rest is found by `faults`."""
    given_up = time.monotonic() + within_s
    while time.monotonic() < given_up:
        if _nothing_due(site, storage) and not any(_moving(read(storage, each)) for each in companies):
            return
        time.sleep(0.2)
        tend()


def _moving(books: Books) -> bool:
    return any(order.is_open for order in books.orders) or not all(each.change_sent for each in books.licenses)


def _nothing_due(site: Site, storage: SqlStorage) -> bool:
    with storage.reading(OPERATOR) as reading:
        due = [reading.jobs.get(id) for id in reading.jobs.due(now(site), 1_000)]
    return all(job.kind is JobKind.PULSE for job in due)


def now(site: Site) -> datetime:
    """Return what time the business has."""
    return datetime.fromisoformat(site.emulator("GET", site.stripe, "clock")["now"])


def faults(site: Site, storage: SqlStorage, company: Company, asked: Iterable[Json]) -> Iterator[str]:
    """
    Yield whatever was lost or doubled for a company whose customers are done: nothing, if we keep our promises.

    `asked` is what the provider was asked meanwhile; see `requests`.
    """
    books = read(storage, company)
    yield from (f"{order.id} is {order.state.value}" for order in books.orders if order.is_open)
    yield from (f"{each.rule}: {each.text}" for each in books.ledger.violations(now(site)))
    paid = Counter((item.platform_project_id, product) for order in books.fulfilled for item, product in order.sold)
    yield from (f"{key} was paid {times} times" for key, times in paid.items() if times > 1)
    if len(books.licenses) != paid.total():
        yield f"{paid.total()} project products are paid, {len(books.licenses)} licensed"
    yield from _at_the_provider(site, books)
    yield from _in_the_journal(asked, books)


def _at_the_provider(site: Site, books: Books) -> Iterator[str]:
    mine = _objects(site, "customer", lambda row: row["metadata"].get("account_id") == books.account.id)
    ids = {row["id"] for row in mine}
    if len(ids) != (1 if books.orders else 0):
        yield f"the provider knows {len(ids)} customers of {books.account.id}"
    begun, added = [o for o in books.fulfilled if not o.extends], [o for o in books.fulfilled if o.extends]
    subscriptions = _objects(site, "subscription", lambda row: row["customer"] in ids)
    sessions = _objects(site, "checkout.session", lambda row: row["customer"] in ids and row["status"] == "complete")
    invoices = _objects(site, "invoice", lambda row: row["customer"] in ids and row["status"] == "paid")
    charges = _objects(site, "charge", lambda row: row["customer"] in ids and row["status"] == "succeeded")
    for what, expected, there in (
        ("subscriptions", len(begun), len(subscriptions)),
        ("Checkouts paid", len(begun), len(sessions)),
        ("invoices paid", len(begun) + len(added), len(invoices)),
        ("charges", len(begun) + len(added), len([each for each in charges if each["amount"]])),
    ):
        if expected != there:
            yield f"{expected} {what} expected, the provider has {there}"
    dues = sorted([order.quote.total_cents for order in begun] + [order.due_cents or 0 for order in added])
    if dues != sorted(row["amount_paid"] for row in invoices):
        yield f"agreed to pay {dues}, paid {sorted(row['amount_paid'] for row in invoices)}"


def _in_the_journal(asked: Iterable[Json], books: Books) -> Iterator[str]:
    """Compare what was done, repeated answers left out, with the orders that caused it."""
    done = [each for each in asked if each["method"] == "POST" and each["status"] == 200 and not each["replayed"]]
    made = Counter(each["idempotency_key"] for each in done if each["idempotency_key"])
    yield from (f"{key} was done {times} times" for key, times in made.items() if times > 1)
    pages = Counter(each["params"].get("client_reference_id") for each in done if each["path"] == _PAY_PAGES)
    yield from (f"{pages[order.id]} pay pages for {order.id}" for order in books.fulfilled if pages[order.id] > 1)
    for order in books.fulfilled:
        if order.extends and made[f"ext:{order.id}"] != 1:
            yield f"{order.id} changed the subscription {made[f'ext:{order.id}']} times"


def requests(site: Site) -> list[Json]:
    """Return what the provider was asked since its journal was cleared."""
    journal = site.emulator("GET", site.stripe, "journal", params={"limit": 5_000})
    assert journal["total"] < 5_000, "The journal has forgotten something; look at it more often."
    found: list[Json] = journal["requests"]
    return found


def written_at_platform(site: Site) -> list[str]:
    """Return every request by which we would have changed something at the platform."""
    counters = site.emulator("GET", site.procore, "journal")["counters"]
    verbs = ("POST /rest", "PUT /rest", "PATCH /rest", "DELETE /rest")
    return [name for name in counters if name.startswith(verbs)]


def waiting_for_people(storage: SqlStorage) -> list[str]:
    with storage.reading(OPERATOR) as reading:
        return [f"{job.kind.value} {job.subject}: {job.problem}" for job in reading.jobs.failed()]


def _objects(site: Site, kind: str, mine: Callable[[Json], bool]) -> list[Json]:
    return [row for row in site.emulator("GET", site.stripe, f"objects/{kind}")["data"] if mine(row)]
