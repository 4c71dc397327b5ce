"""
One company learns nothing of another: whatever names a thing of theirs is answered like what names nothing.

The routes are read from the application and the names from its handlers, so a new one fails here until `naming.py` says
what it stands for.
"""

import ast
import inspect
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final, get_args

import attrs
import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from tests.app.api.naming import BODIES, EVERYWHERE, FORMS, MEANINGLESS, NAMED, NAMELESS
from tests.app.api.town import Company, Town, built
from tests.app.web.surfer import SETTINGS

from smartapp_domain.testing.memory import MemoryStorage
from smartapp_domain.testing.workbench import Workbench
from smartapp_http import pages
from smartapp_http.app import create_app

APP: Final[Litestar] = create_app(Workbench.of().ports, SETTINGS)
API: Final = "/api/v1/"
#: What differs between any two answers.
PASSING: Final = {"date", "x-request-id", "content-length", "ratelimit"}
_VARIED: Final = re.compile(r"\{([a-z ]+)\}")
_OWN: Final = re.compile(r"<([a-z ]+)>")


def _routes(*, api: bool) -> Iterator[tuple[str, HTTPRoute]]:
    for route in APP.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(API) is api:
            for method in route.route_handler_map.keys() - {"OPTIONS"}:
                yield f"{method} {route.path_format}", route


API_ROUTES: Final = dict(sorted(_routes(api=True)))
PAGE_ROUTES: Final = dict(sorted(_routes(api=False)))


@attrs.frozen
class Probe:
    """One thing to send: `say` fills in what `{kind}` stands for."""

    operation: str
    path: str
    query: Mapping[str, str] = attrs.field(factory=dict)
    form: Mapping[str, str] | None = None
    json: Any = None

    def __str__(self) -> str:
        return " ".join([self.operation, *map(str, (self.path, self.query or "", self.form or "", self.json or ""))])

    @property
    def kinds(self) -> list[str]:
        return sorted(set(_VARIED.findall(str(self))) & set(KINDS))


KINDS: Final = {kind for kind in NAMED.values() if kind} | {"company", "checkout", "token", "session", "number"}


def _api_probes(operation: str) -> Iterator[Probe]:
    method, path = operation.split()
    named = {name: kind for (known, name), kind in NAMED.items() if known == operation and kind}
    for name, kind in named.items():
        path = path.replace(f"{{{name}}}", f"{{{kind}}}")
    in_query = {
        name: f"{{{kind}}}" for name, kind in named.items() if method == "GET" and f"{{{name}}}" not in operation
    }
    for body in BODIES.get(operation, (None,)):
        probe = Probe(operation, path, in_query, json=body)
        if probe.kinds:
            yield probe


def _page_probes(operation: str) -> Iterator[Probe]:
    for form in FORMS.get(operation, ()):
        sent: dict[str, Any] = {"query": form.fields} if operation.startswith("GET") else {"form": form.fields}
        yield Probe(operation, form.path, **sent)


PROBES: Final = [
    *(probe for operation in API_ROUTES for probe in _api_probes(operation)),
    *(probe for operation in PAGE_ROUTES for probe in _page_probes(operation)),
]


WAYS: Final = [
    pytest.param(probe, htmx, id=f"{probe}{' by htmx' * htmx}")
    for probe in PROBES
    for htmx in ((False,) if API in probe.operation else (False, True))
]


def _shaped_like(id: str, chance: random.Random) -> str:
    """Return an id nobody has that looks the same: digit for digit, letter for letter."""
    alike = {str.isdigit: "0123456789", str.islower: "bcdefghjkmnpqrstvwxz", str.isupper: "BCDEFGHJKMNPQRSTVWXZ"}
    letters = (next((chance.choice(pool) for fits, pool in alike.items() if fits(c)), c) for c in id)
    return "".join(letters)


def _filled(said: Any, own: Mapping[str, str], varied: Mapping[str, str]) -> Any:
    if isinstance(said, Mapping):
        return {_filled(name, own, varied): _filled(value, own, varied) for name, value in said.items()}
    if isinstance(said, list):
        return [_filled(value, own, varied) for value in said]
    if not isinstance(said, str):
        return said
    said = _OWN.sub(lambda match: own[match[1]], said)
    return _VARIED.sub(lambda match: varied.get(match[1], match[0]), said)


Ask = Callable[[Mapping[str, str]], httpx.Response]


def _asking(probe: Probe, company: Company, *, htmx: bool) -> Ask:
    own = {kind: ids[-1] for kind, ids in company.ids.items() if ids}
    surfer = company.owner

    def ask(varied: Mapping[str, str]) -> httpx.Response:
        method, token = probe.operation.split()[0], surfer.token()
        headers = {"x-csrftoken": token}
        if htmx:
            headers |= {"hx-request": "true", "hx-current-url": f"{surfer.client.base_url}/projects"}
        form = {**_filled(probe.form, own, varied), "_csrf_token": token} if probe.form is not None else None
        return surfer.client.request(
            method,
            str(_filled(probe.path, own, varied)),
            params=_filled(probe.query, own, varied),
            data=form,
            json=_filled(probe.json, own, varied),
            headers=headers,
            follow_redirects=False,
        )

    return ask


def _heard(answer: httpx.Response, ids: Mapping[str, str]) -> tuple[Any, ...]:
    """Return all of an answer that could tell something, with the id that was sent made unrecognizable."""

    def unnamed(text: str) -> str:
        for kind, id in ids.items():
            for written in {id, id.lower(), httpx.QueryParams({"": id}).__str__()[1:], json.dumps(id)[1:-1]}:
                text = text.replace(written, f"({kind})")
        return text.replace(answer.headers["x-request-id"], "(request)")

    headers = {name: value for name, value in answer.headers.items() if name not in PASSING | {"set-cookie"}}
    cookies = sorted(cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie"))
    told = {name: unnamed(value) for name, value in headers.items()}
    return answer.status_code, told, cookies, unnamed(answer.text)


@pytest.mark.parametrize(("probe", "htmx"), WAYS)
def test_what_belongs_to_another_company_is_answered_like_what_belongs_to_nobody(
    town: Town,
    probe: Probe,
    htmx: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    chance = random.Random(str(probe))  # noqa: S311 - the same in every run
    ask = _asking(probe, town.acme, htmx=htmx)

    for foreign_ids in _each(town.globex, probe.kinds):
        nobodys = {kind: _shaped_like(id, chance) for kind, id in foreign_ids.items()}
        foreign, unknown = ask(foreign_ids), ask(nobodys)

        assert _heard(foreign, foreign_ids) == _heard(unknown, nobodys)
        assert foreign.status_code < 500


def _each(company: Company, kinds: list[str]) -> Iterator[dict[str, str]]:
    """Return every real id once; a probe that varies several kinds takes them together."""
    for turn in range(max(len(company.ids[kind]) for kind in kinds)):
        yield {kind: company.ids[kind][turn % len(company.ids[kind])] for kind in kinds}


#: Asking about one's own there would change who is in the company, or end one's own session.
_ENDING: Final = re.compile(r"DELETE|/remove$|/owner|/revoke$|/end$|POST /companies|GET /companies")


@pytest.mark.parametrize("probe", [p for p in PROBES if not _ENDING.search(p.operation)], ids=str)
def test_what_is_ones_own_is_answered_otherwise(town: Town, probe: Probe) -> None:
    chance = random.Random(str(probe))  # noqa: S311 - as above
    ask = _asking(probe, town.acme, htmx=False)

    answers = []
    for own in _each(town.acme, probe.kinds):
        nobodys = {kind: _shaped_like(id, chance) for kind, id in own.items()}
        answers.append(_heard(ask(nobodys), nobodys) != _heard(ask(own), own))

    assert any(answers), "This probe looks nothing up, so it proves nothing."


@pytest.mark.parametrize("operation", API_ROUTES)
def test_every_name_the_api_takes_is_known(operation: str) -> None:
    method, route = operation.split(maxsplit=1)[0], API_ROUTES[operation]
    handler, _ = route.route_handler_map[method]  # type: ignore[index]
    described = APP.openapi_schema.to_schema()["paths"][route.path_format][method.lower()]
    taken = {each["name"] for each in described.get("parameters", ())}
    if (data := handler.parsed_fn_signature.parameters.get("data")) is not None:
        taken |= set(_fields(data.annotation))

    unknown = {name for name in taken - EVERYWHERE if (operation, name) not in NAMED}
    assert not unknown, f"Say in naming.py what {operation} means by {sorted(unknown)}."


def _fields(type_: Any) -> Iterator[str]:
    """Yield the names of what a body holds; a structure in it is looked into."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        for field in msgspec.structs.fields(type_):
            inner = list(_fields(field.type))
            yield from inner or [field.encode_name]
    for each in get_args(type_):
        yield from _fields(each)


@pytest.mark.parametrize("operation", PAGE_ROUTES)
def test_every_route_of_the_pages_is_asked_or_known_to_name_nothing(operation: str) -> None:
    assert (operation in FORMS) != (operation in NAMELESS), f"Say in naming.py what {operation} is sent."
    named = re.findall(r"\{\w+\}", operation)
    if operation in FORMS:
        assert all(_VARIED.search(form.path) for form in FORMS[operation]) or not named


def test_every_name_the_pages_read_is_asked_or_known_to_mean_nothing() -> None:
    asked = {name for forms in FORMS.values() for form in forms for name in form.fields}

    for module in _modules(pages):
        for name in _read_in(module):
            assert name in asked | MEANINGLESS, f"Say in naming.py what {module.__name__} means by {name!r}."


def _modules(package: ModuleType) -> list[ModuleType]:
    found = [value for value in vars(package).values() if isinstance(value, ModuleType)]
    assert len(found) > 10
    return found


def _read_in(module: ModuleType) -> Iterator[str]:
    """Yield the names a module reads out of a form or an address."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            reads = {"field", "fields", "asked", "asked_number", "values"}
            if function in reads or (function == "get" and "query" in ast.dump(node.func)):
                yield str(node.args[0].value)


def test_a_planted_leak_is_found() -> None:
    theirs: set[str] = set()

    def leaking(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def told(message: Message) -> None:
                if message["type"] == "http.response.start" and theirs.intersection(scope["path"].split("/")):
                    message["status"] = 403
                await send(message)

            await app(scope, receive, told if scope["type"] == "http" else send)

        return answer

    probe = next(probe for probe in PROBES if probe.operation == "GET /members/{member_id}")
    with built(MemoryStorage(), lying=leaking) as town:
        theirs.update(town.globex.ids["member"])

        with pytest.raises(AssertionError, match="403"):
            test_what_belongs_to_another_company_is_answered_like_what_belongs_to_nobody(town, probe, htmx=False)
