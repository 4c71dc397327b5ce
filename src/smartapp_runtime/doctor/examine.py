"""All checks in order, each of which may go wrong in its own way without stopping the others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import attrs
import httpx

from smartapp_adapters.storage import Inspection, SqlStorage
from smartapp_domain.ports.clock import Clock
from smartapp_runtime.doctor import database, work
from smartapp_runtime.doctor.clock import CLOCK, check_clock
from smartapp_runtime.doctor.findings import Finding, Verdict, skipped, wrong
from smartapp_runtime.doctor.vendors import PROCORE, STRIPE, Vendors
from smartapp_runtime.hiding import hider, secrets_of
from smartapp_runtime.parts.clock import business_clock
from smartapp_runtime.parts.storage import no_keys, open_storage
from smartapp_runtime.settings import Settings

Check = Callable[[], Iterator[Finding]]
_NEEDS_DATABASE = (database.APART, work.WORKERS, work.OVERDUE, work.FAILED)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at an installation as its settings describe it; raise `SettingsError` when they describe none."""
    hide = hider(secrets_of(settings))  # vendors, drivers and brokers quote what they were given
    for each in _examined(settings):
        yield attrs.evolve(each, says=hide(each.says))


def _examined(settings: Settings) -> Iterator[Finding]:
    clock = business_clock(settings)
    with ExitStack() as stack:
        storage = open_storage(settings, no_keys())
        stack.callback(storage.dispose)
        http = stack.enter_context(httpx.Client())
        vendors = Vendors(settings, http, clock)
        inspection = Inspection(storage.database, no_keys())
        found = list(_safely(database.REACHED, lambda: database.check_database(settings, storage, inspection)))
        yield from found
        looked_at = {each.check for each in found}
        silent = (name for name in (database.REACHED, database.NEWEST) if name not in looked_at)
        yield from (skipped(name, "Shows when the database can be used.") for name in silent)
        usable = {each.verdict for each in found} == {Verdict.FINE}
        yield from _on_database(settings, storage if usable else None, inspection, clock)
        yield from _safely(work.BROKER, lambda: work.check_broker(settings))
        yield from _safely(PROCORE, vendors.check_procore)
        yield from _safely(STRIPE, vendors.check_stripe)
        theirs = inspection.time() if usable else None
        yield from _safely(CLOCK, lambda: check_clock(vendors.told, theirs, datetime.now(UTC)))


def _on_database(
    settings: Settings, storage: SqlStorage | None, inspection: Inspection, clock: Clock
) -> Iterator[Finding]:
    yield from _safely(database.SEALED, lambda: database.check_keys(settings, storage))
    if storage is None:
        yield from (skipped(name, "Shows when the database can be asked.") for name in _NEEDS_DATABASE)
        return
    yield from _safely(database.APART, lambda: database.check_row_security(inspection))
    yield from _safely(work.WORKERS, lambda: work.check_work(inspection, clock.now()))


def _safely(name: str, check: Check) -> Iterator[Finding]:
    """Yield what a check finds; should it break, that is a finding too."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a doctor that faints helps nobody
        yield wrong(name, f"The check itself failed: {type(error).__name__}: {error}.", "Report this to our support.")
