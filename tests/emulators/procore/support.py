"""A small world, and a client that holds every answer against the published schemas."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.spec import violations
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App, Company, Membership, Permission, Person, Project, World

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HARBOR, QUAY, EMPTY = 5_000_000_001, 5_000_000_002, 5_000_000_003
ADA, BEN, CLEO, NOBODY = 6_000_000_001, 6_000_000_002, 6_000_000_003, 6_000_000_004
TOWER, TOWER_TWO, SCHOOL, CLOSED, PIER = (7_000_000_001 + number for number in range(5))
CALLBACK = "http://localhost/cb"


def small_world() -> World:
    return World(
        name="Small",
        apps=[
            App(
                client_id="one",
                client_secret="secret-one",
                slug="one",
                name="App One",
                subtitle="First of two",
                redirect_uris=[CALLBACK, "https://app.example.com/back/"],
                grants=["authorization_code", "client_credentials"],
                permissions=[
                    Permission(area="company", tool="Directory", level="Standard", reason="Reads people"),
                    Permission(area="project", tool="Admin", level="Admin", reason="Keeps locations"),
                ],
                post_installation_notes="One step is left.",
                instructions_query="app=one",
            ),
            App(client_id="two", client_secret="secret-two", slug="two", name="App Two", redirect_uris=[CALLBACK]),
        ],
        companies=[
            Company(id=HARBOR, name="Harbor & Sons"),
            Company(id=QUAY, name="Quay"),
            Company(id=EMPTY, name="Empty"),
        ],
        people=[
            _person(ADA, "Ada", Membership(company_id=HARBOR, admin=True)),
            _person(BEN, "Ben", Membership(company_id=HARBOR, project_ids=[TOWER])),
            _person(CLEO, "Cleo", Membership(company_id=HARBOR, admin=True), Membership(company_id=QUAY, admin=True)),
            _person(NOBODY, "Nora"),
        ],
        projects=[
            _project(TOWER, "Tower", "T-1", origin_id="erp-1", estimated_value="1500.50"),
            _project(TOWER_TWO, "Tower", "T-2", day=2),
            _project(SCHOOL, "School", "S-1", day=3, disabled_tools=["Schedule"]),
            _project(CLOSED, "Closed", None, day=4, active=False),
            _project(PIER, "Pier Ñandú", "P-1", company_id=QUAY, stage="En obra"),
        ],
    )


def _person(person_id: int, first: str, *memberships: Membership) -> Person:
    return Person(
        id=person_id,
        first_name=first,
        last_name="Example",
        login=f"{first.lower()}@example.com",
        companies=list(memberships),
    )


def _project(
    project_id: int, name: str, number: str | None, *, company_id: int = HARBOR, day: int = 1, **rest: Any
) -> Project:
    created = datetime(2026, 1, day, 8, 0, tzinfo=UTC)
    return Project(
        id=project_id,
        company_id=company_id,
        name=name,
        project_number=number,
        created_at=created,
        updated_at=created.replace(month=2),
        **rest,
    )


@attrs.frozen
class Emulator:
    """The emulator under test, from all its sides."""

    http: httpx.Client
    clock: MovableClock
    store: Store

    def install(self, company_id: int = HARBOR, project_ids: list[int] | str = "all", client_id: str = "one") -> Any:
        order = {"client_id": client_id, "company_id": company_id, "project_ids": project_ids}
        answer = self.http.post("/_emulator/installations", json=order)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def person_token(self, person_id: int = ADA, client_id: str = "one") -> str:
        answer = self.http.post("/_emulator/tokens", json={"client_id": client_id, "person_id": person_id})
        return str(answer.json()["access_token"])

    def service_token(self, client_id: str = "one") -> str:
        answer = self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": f"secret-{client_id}"},
        )
        return str(answer.json()["access_token"])

    def get(self, path: str, token: str | None, company: int | None = HARBOR) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        if company is not None:
            headers["Procore-Company-Id"] = str(company)
        return self.http.get(path, headers=headers)

    def behave(self, **switches: Any) -> None:
        assert self.http.patch("/_emulator/behavior", json=switches).status_code == 200

    def sign_in(self, person_id: int) -> None:
        assert self.http.post("/login", data={"person": str(person_id)}).status_code == 303

    def authorize(self, **changes: str) -> httpx.Response:
        sent = {"response_type": "code", "client_id": "one", "redirect_uri": CALLBACK, "state": "s&1", **changes}
        return self.http.get("/oauth/authorize", params=sent)

    def code(self, person_id: int = ADA) -> str:
        """Walk the log-in and consent pages and return the code."""
        self.sign_in(person_id)
        allowed = submit(self.http, self.authorize(), button="Allow")
        return returned(allowed)["code"]

    def exchange(self, code: str, **changes: str) -> httpx.Response:
        return self.http.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "client_id": "one",
                "client_secret": "secret-one",
                "code": code,
                "redirect_uri": CALLBACK,
                **changes,
            },
        )

    def refresh(self, refresh_token: str, **changes: str) -> httpx.Response:
        sent = {"grant_type": "refresh_token", "client_id": "one", "client_secret": "secret-one"}
        return self.http.post("/oauth/token", data={**sent, "refresh_token": refresh_token, **changes})


def check_answer(response: httpx.Response) -> None:
    """Fail the test when an answer differs from what is published: hooked into every client of these tests."""
    response.read()
    path = response.request.url.raw_path.decode()
    body = response.json() if response.headers.get("content-type", "").startswith("application/json") else None
    found = violations(response.request.method, path, response.status_code, response.headers, body)
    assert not found, f"{response.request.method} {path} {response.status_code}: {found}"


def returned(redirect: httpx.Response) -> dict[str, str]:
    """Return the query of the address a redirect leads to."""
    assert redirect.status_code in (302, 303), redirect.text
    return {name: values[0] for name, values in parse_qs(urlsplit(redirect.headers["location"]).query).items()}


@attrs.define
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = attrs.field(factory=list)
    buttons: list[tuple[str, str, str]] = attrs.field(factory=list)


class _Forms(HTMLParser):
    """Read forms as a browser would send them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, dict[str, str]] = {}
        self._text = ""
        self._button: tuple[str, str] | None = None
        self._link: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        match tag:
            case "form":
                self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
            case "input" if given.get("type") in ("checkbox", "radio"):
                if "checked" in given:
                    self.forms[-1].fields.append((given["name"], given.get("value", "on")))
            case "input" if "name" in given:
                self.forms[-1].fields.append((given["name"], given.get("value", "")))
            case "select":
                self.forms[-1].fields.append((given["name"], ""))
            case "option":
                self._choose(given)
            case "textarea":
                self.forms[-1].fields.append((given["name"], ""))
            case "button" if given.get("type", "submit") == "submit":
                self._button, self._text = (given.get("name", ""), given.get("value", "")), ""
            case "a":
                self._link, self._text = given, ""

    def _choose(self, option: dict[str, str]) -> None:
        """Take the selected option of the select just opened, or else its first one."""
        name, chosen = self.forms[-1].fields[-1]
        if not chosen or "selected" in option:
            self.forms[-1].fields[-1] = (name, option["value"])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None:
            self.forms[-1].buttons.append((*self._button, self._text.strip()))
            self._button = None
        if tag == "a" and self._link is not None:
            self.links[self._text.strip()] = self._link
            self._link = None


def read_page(page: httpx.Response) -> _Forms:
    forms = _Forms()
    forms.feed(page.text)
    return forms


def submit(http: httpx.Client, page: httpx.Response, *, button: str) -> httpx.Response:
    """Press a button of a page, everything else untouched."""
    assert page.status_code == 200, page.text
    for form in read_page(page).forms:
        for name, value, text in form.buttons:
            if text == button:
                fields = [*form.fields, (name, value)] if name else form.fields
                data: dict[str, list[str]] = {}
                for field, content in fields:
                    data.setdefault(field, []).append(content)
                if form.method == "get":
                    return http.get(form.action, params=data)
                return http.post(form.action, data=data)
    raise AssertionError(f"no button {button!r} on the page")
