"""Choosing the fault that hits a request."""

import fnmatch

from smartapp_emulators.procore.state import Fault
from smartapp_emulators.procore.store import Store

#: Faults for the emulator's own controls would lock their user out.
CONTROL_PREFIX = "/_emulator"


def add_fault(store: Store, fault: Fault) -> Fault:
    with store.changing() as state:
        fault.id = store.next_id()
        state.faults.append(fault)
        return fault


def take_fault(store: Store, method: str, path: str) -> Fault | None:
    """Return the first fault that fits, one use fewer left."""
    if path.startswith(CONTROL_PREFIX):
        return None
    with store.lock:
        for fault in store.state.faults:
            if not _fits(fault, method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.count -= 1
            if fault.count <= 0:
                store.state.faults.remove(fault)
            store.save()
            return fault
    return None


def _fits(fault: Fault, method: str, path: str) -> bool:
    return (fault.method or method).upper() == method and fnmatch.fnmatchcase(path, fault.path)
