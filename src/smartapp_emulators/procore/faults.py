"""Taking orders for faults, and choosing the one that hits a request."""

import fnmatch
import re

import attrs

from smartapp_emulators.procore.shapes import SEEN
from smartapp_emulators.procore.state import Fault
from smartapp_emulators.procore.store import Store

#: Faults for the emulator's own controls would lock their user out.
CONTROL_PREFIX = "/_emulator"
_STATUSES = range(200, 600)
_COMPANY = re.compile(r"(?:^|[/?&])compan(?:ies/|y_id=)(\d+)")


@attrs.frozen
class Call:
    """What a fault looks at: a request before anything was done with it."""

    method: str
    path: str
    query: str = ""
    client_id: str | None = None
    company_header: str | None = None

    @property
    def companies(self) -> set[str]:
        """Return every company the call names."""
        named = {*_COMPANY.findall(self.path), *_COMPANY.findall(f"?{self.query}")}
        return named | ({self.company_header} if self.company_header else set())


def mistakes(fault: Fault) -> dict[str, list[str]]:
    """Name what makes no sense in an order, by field."""
    found: dict[str, list[str]] = {}
    if not any((fault.status, fault.drop, fault.delay_s, fault.late_s, fault.drip_s)):
        found["fault"] = ["needs one of status, drop, delay_s, late_s and drip_s"]
    if (fault.count is not None and fault.count < 1) or fault.skip < 0:
        found["count"] = ["must be 1 or more, or null for until it is lifted; skip 0 or more"]
    if min(fault.delay_s, fault.late_s, fault.drip_s) < 0:
        found["seconds"] = ["must not be negative"]
    if fault.status is not None and fault.status not in _STATUSES:
        found["status"] = ["must be from 200 to 599"]
    if fault.shape is not None and fault.shape not in SEEN.get(fault.status or 0, ()):
        seen = ", ".join(SEEN.get(fault.status or 0, ())) or "none"
        found["shape"] = [f"is not seen with status {fault.status}; these are: {seen}"]
    if fault.shape is not None and fault.body is not None:
        found["body"] = ["is given by the shape; leave one of them out"]
    if fault.after and fault.status is None:
        found["after"] = ["needs a status; without one, drop the answer"]
    return found


def add_fault(store: Store, fault: Fault) -> Fault:
    with store.changing() as state:
        fault.id = store.next_id()
        state.faults.append(fault)
        return fault


def lift_fault(store: Store, fault_id: int) -> bool:
    """Take one back; False when there is none of that id any more."""
    with store.changing() as state:
        kept = [each for each in state.faults if each.id != fault_id]
        gone = len(kept) < len(state.faults)
        state.faults = kept
        return gone


def take_fault(store: Store, call: Call) -> Fault | None:
    """Return the first fault that fits, one use fewer left."""
    if call.path.startswith(CONTROL_PREFIX):
        return None
    with store.lock:
        for fault in store.state.faults:
            if not _fits(fault, call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    store.state.faults.remove(fault)
            store.save()
            return fault
    return None


def _fits(fault: Fault, call: Call) -> bool:
    return (
        (fault.method or call.method).upper() == call.method
        and fnmatch.fnmatchcase(call.path, fault.path)
        and fault.client_id in (None, call.client_id)
        and (fault.company_id is None or str(fault.company_id) in call.companies)
    )
