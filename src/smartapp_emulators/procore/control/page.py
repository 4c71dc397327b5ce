"""The page at `/_emulator`: the same controls as the JSON API, for a person."""

from collections.abc import Callable, Mapping

import msgspec
from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.procore import installing, journal, tokens
from smartapp_emulators.procore.faults import add_fault, lift_fault, mistakes
from smartapp_emulators.procore.pages.render import Page, PageError, PageRequest, form_of, render, see_other, store_of
from smartapp_emulators.procore.shapes import SEEN, Shape
from smartapp_emulators.procore.state import Fault
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import Project

_SHOWN_REQUESTS = 60
_SHOWN_PROJECTS = 12
#: Longer than a client with a short patience waits, shorter than the patience of somebody who watches.
_LATE_S, _DRIP_S = 3.0, 0.5
_TELLS_WHEN = (429, 503)


@get("/_emulator", sync_to_thread=False)
def control_page(request: PageRequest) -> Page:
    store = store_of(request)
    query = request.query_params.get("project", "").strip()
    return render(
        request,
        "control.html",
        store=store,
        now=store.clock.now(),
        frozen=store.clock.state.frozen_at is not None,
        shared=store.clock.file is not None,
        entries=[each for each in store.state.journal if not each.path.startswith(("/_emulator", "/static"))][
            : -_SHOWN_REQUESTS - 1 : -1
        ],
        query=query,
        shapes=SEEN,
        projects=_found(store, query)[:_SHOWN_PROJECTS],
        counters={
            name: store.state.counters[name] for name in sorted(store.state.counters) if name.startswith("status")
        },
    )


@post("/_emulator/do/{action:str}")
async def act(request: PageRequest, action: FromPath[str]) -> Redirect:
    form = await form_of(request)
    if action not in _ACTIONS:
        raise PageError(404, "The emulator has no such control.")
    try:
        _ACTIONS[action](store_of(request), form)
    except ValueError as error:
        raise PageError(422, f"That was not understood: {error}") from error
    query = str(form.get("query", ""))
    return see_other(f"/_emulator?project={query}#projects" if query else "/_emulator")


def _found(store: Store, query: str) -> list[Project]:
    words = query.casefold().split()
    return [each for each in store.state.world.projects if all(word in each.display_name.casefold() for word in words)]


def _text(form: FormMultiDict, name: str) -> str:
    return str(form.get(name, "")).strip()


def _reset(store: Store, _form: FormMultiDict) -> None:
    store.reset()


def _advance(store: Store, form: FormMultiDict) -> None:
    with store.changing():
        store.clock.advance(float(_text(form, "seconds")))


def _freeze(store: Store, _form: FormMultiDict) -> None:
    with store.changing():
        if store.clock.state.frozen_at is None:
            store.clock.freeze()
        else:
            store.clock.resume()


def _install(store: Store, form: FormMultiDict) -> None:
    app = store.app(_text(form, "client_id"))
    if app is None:
        raise ValueError("no such app")
    company_id = int(_text(form, "company_id"))
    if store.company(company_id) is None:
        raise ValueError("no such company")
    active = [project.id for project in store.projects_of(company_id) if project.active]
    installing.install(store, app, company_id, active)


def _promote(store: Store, form: FormMultiDict) -> None:
    app, version = store.app(_text(form, "client_id")), _text(form, "version")
    if app is None or not version:
        raise ValueError("no such app, or no version")
    installing.publish_version(store, app, version)


def _uninstall(store: Store, form: FormMultiDict) -> None:
    installing.uninstall(store, _text(form, "client_id"), int(_text(form, "company_id")))


def _change_project(store: Store, form: FormMultiDict) -> None:
    with store.changing():
        project = store.project(int(_text(form, "id")))
        if project is None:
            raise ValueError("no such project")
        project.name = _text(form, "name") or project.name
        project.active = form.get("active") is not None
        project.updated_at = store.clock.now()


def _fault(store: Store, form: FormMultiDict) -> None:
    count, company_id = _text(form, "count"), _text(form, "company_id")
    fault = Fault(
        path=_text(form, "path") or "*",
        count=int(count) if count else None,
        client_id=_text(form, "client_id") or None,
        company_id=int(company_id) if company_id else None,
    )
    _shape(fault, _text(form, "kind"))
    fault.after = form.get("after") is not None and fault.status is not None
    if found := mistakes(fault):
        raise ValueError("; ".join(f"{name} {' '.join(said)}" for name, said in found.items()))
    add_fault(store, fault)


def _shape(fault: Fault, kind: str) -> None:
    """Read what happens: a status, a status with a shape (`422 errors_fields`), or one of the words of the form."""
    match kind.split():
        case ["drop-request"]:
            fault.drop = "request"
        case ["drop-answer"]:
            fault.drop = "answer"
        case ["drop-body"]:
            fault.drop = "body"
        case ["delay"]:
            fault.delay_s = _LATE_S
        case ["late"]:
            fault.late_s = _LATE_S
        case ["drip"]:
            fault.drip_s = _DRIP_S
        case [status, *shape]:
            fault.status = int(status)
            fault.shape = msgspec.convert(shape[0], Shape) if shape else None
            fault.headers = {"Retry-After": "5"} if fault.status in _TELLS_WHEN else {}
        case _:
            raise ValueError("choose what happens")


def _lift(store: Store, form: FormMultiDict) -> None:
    lift_fault(store, int(_text(form, "id")))


def _clear_faults(store: Store, _form: FormMultiDict) -> None:
    with store.changing() as state:
        state.faults.clear()


def _expire(store: Store, _form: FormMultiDict) -> None:
    tokens.expire(store)


def _revoke(store: Store, _form: FormMultiDict) -> None:
    tokens.revoke_all(store)


def _clear_journal(store: Store, _form: FormMultiDict) -> None:
    journal.clear(store)


_ACTIONS: Mapping[str, Callable[[Store, FormMultiDict], None]] = {
    "reset": _reset,
    "advance": _advance,
    "freeze": _freeze,
    "install": _install,
    "uninstall": _uninstall,
    "version": _promote,
    "project": _change_project,
    "fault": _fault,
    "lift": _lift,
    "clear-faults": _clear_faults,
    "expire": _expire,
    "revoke": _revoke,
    "clear-journal": _clear_journal,
}

HANDLERS = (control_page, act)
