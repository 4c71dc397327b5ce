"""The journal: which requests came, and how often each kind."""

from smartapp_emulators.procore.state import JournalEntry
from smartapp_emulators.procore.store import Store

#: Older entries fall out; the counters keep counting.
KEPT = 2000


def open_entry(store: Store, *, method: str, path: str, query: str, company_header: str | None) -> JournalEntry:
    """Note a request as it comes in."""
    with store.lock:
        state = store.state
        state.journal_count += 1
        entry = JournalEntry(
            number=state.journal_count,
            at=store.clock.now(),
            method=method,
            path=path,
            query=query,
            company_header=company_header,
            request_id=f"emu-{state.journal_count:08d}",
        )
        state.journal.append(entry)
        del state.journal[:-KEPT]
        return entry


def close_entry(store: Store, entry: JournalEntry) -> None:
    """Count a request once its outcome is known."""
    with store.lock:
        outcome = str(entry.status) if entry.status is not None else "dropped"
        for name in ("requests", f"status {outcome}", f"{entry.method} {entry.route or entry.path} {outcome}"):
            store.state.counters[name] = store.state.counters.get(name, 0) + 1
        if entry.method == "GET":
            store.save_in_time()
        else:
            store.save()


def clear(store: Store) -> None:
    with store.changing() as state:
        state.journal.clear()
        state.counters.clear()
