"""The JSON API: the same operations, and a description that is true."""

import enum
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from tests.app.web.surfer import SETTINGS, Surfer, words

from smartapp_domain.billing import InvoiceStatus
from smartapp_domain.catalog import PRODUCTS, Interval
from smartapp_domain.identity import Role, Via
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.licensing import LicenseState
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderState
from smartapp_domain.pasting import Fate
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.api.schemas import ProductCode
from smartapp_http.app import create_app

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    schema = create_app(Workbench.of().ports, SETTINGS).openapi_schema.to_schema()
    return json.loads(json.dumps(schema))  # type: ignore[no-any-return]


def _told(described: dict[str, Any], answer: httpx.Response) -> None:
    """Fail unless the description has this answer: its operation, status, media type and every field."""
    path = answer.request.url.path
    template = next(p for p in sorted(described["paths"], key=lambda p: p.count("{")) if _fits(p, path))
    responses = described["paths"][template][answer.request.method.lower()]["responses"]
    assert str(answer.status_code) in responses, f"{template} does not document {answer.status_code}"
    content = responses[str(answer.status_code)].get("content", {})
    media = answer.headers["content-type"].split(";")[0] if answer.content else None
    if media is None:
        return
    assert media in content, f"{template} {answer.status_code} documents {list(content)}, not {media}"
    schema = {**content[media]["schema"], "components": described["components"]}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())]
    assert errors == []


def _fits(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(w == g or w.startswith("{") for w, g in zip(wanted, given, strict=True))


def test_the_description_is_served_as_json(stranger: Surfer) -> None:
    answer = stranger.get("/schema")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert "/api/v1/ticks" in answer.json()["paths"]
    assert not [path for path in answer.json()["paths"] if not path.startswith("/api/v1/")]


def test_every_operation_documents_its_problems_and_what_it_needs(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            for status in ("400", "401", "403", "500"):
                assert list(operation["responses"][status]["content"]) == [PROBLEM], f"{method} {path} {status}"
            writes = method != "get"
            assert ({"session": [], "csrf": [], "csrf_cookie": []} in operation.get("security", [])) is writes, (
                f"{method} {path}"
            )


def test_the_codes_of_the_api_are_those_of_the_catalog() -> None:
    assert ProductCode.__args__ == tuple(product.value for product in PRODUCTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("schema", "field", "codes"),
    [
        ("AccountOut", "role", Role),
        ("MemberOut", "role", Role),
        ("EntryOut", "via", Via),
        ("LicenseOut", "state", LicenseState),
        ("ProjectRow", "state", MappingState),
        ("OrderOut", "state", OrderState),
        ("CheckoutIn", "interval", Interval),
        ("PastedLine", "fate", Fate),
        ("InvoiceOut", "status", InvoiceStatus),
    ],
)
def test_a_program_can_read_which_states_there_are(
    described: dict[str, Any], schema: str, field: str, codes: type[enum.Enum]
) -> None:
    schemas = described["components"]["schemas"]

    [told] = schemas[schema]["properties"][field].values()

    assert set(schemas[told.removeprefix("#/components/schemas/")]["enum"]) == {code.value for code in codes}


def test_the_whole_purchase_through_the_api(owner: Surfer, bench: Workbench, described: dict[str, Any]) -> None:
    def call(method: str, path: str, body: object = None) -> Any:
        answer = owner.api(method, path, body)
        _told(described, answer)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    assert "buy" in call("GET", "/me")["rights"]
    assert [account["current"] for account in call("GET", "/accounts")["accounts"]] == [True]
    listed = call("GET", "/projects?q=hs&sort=number&limit=2")
    assert (listed["total"], len(listed["projects"])) == (3, 2)
    rest = call("GET", f"/projects?q=hs&sort=number&limit=2&cursor={listed['next_cursor']}")
    assert (rest["total"], len(rest["projects"]), rest["next_cursor"]) == (3, 1, None)
    one, two = (row["id"] for row in listed["projects"])
    ticks = [{"project": one, "on": True, "product": "planner_board"}, {"project": two, "on": True}]
    answer = call("PUT", "/ticks", {"ticks": ticks})
    assert answer["summary"]["counts"] == {"planner": 1, "safety": 0, "planner_board": 1, "safety_badge": 0}
    assert [problem["reason"] for problem in call("GET", "/review")["problems"]] == ["module_missing"]
    shed = call("POST", "/central/projects", {"name": "Shed"})
    assert call("PUT", f"/projects/{two}/target", {"smartapp_project": shed["id"]})["target"] == shed["id"]
    call("PUT", "/ticks", {"ticks": [{"project": two, "on": True, "product": "safety"}]})

    offer = call("GET", "/offer?interval=month")
    assert (offer["quote"]["total_cents"], offer["extension"], offer["problems"]) == (89_000, None, [])
    started = call("POST", "/checkout", {"interval": "month", "fingerprint": offer["fingerprint"]})
    assert started["order"]["state"] == "awaiting_payment"
    bench.payments.pay(started["pay_url"].rpartition("/")[2])
    assert call("GET", f"/orders/{started['order']['id']}")["state"] == "paid"
    bench.work()
    assert call("GET", f"/orders/{started['order']['id']}")["state"] == "fulfilled"

    central = call("GET", "/central/projects")
    assert central["total"] == 2
    billing = call("GET", f"/central/projects/{shed['id']}/billing")
    assert billing["unit_cents"] == {"safety": 59_500}
    assert [invoice["total_cents"] for invoice in billing["invoices"]] == [89_000]
    assert call("PUT", f"/central/projects/{shed['id']}/platform-name")["name"] != "Shed"
    ended = call("PUT", f"/central/projects/{shed['id']}/renewal", {"renews": False})
    assert [each["state"] for each in ended["licenses"]] == ["ending"]
    kept = call("PUT", f"/central/projects/{shed['id']}/renewal", {"renews": True, "modules": ["safety"]})
    assert [each["state"] for each in kept["licenses"]] == ["active"]
    bench.work()
    third = call("GET", "/projects?part=not_licensed")["projects"][0]["id"]
    call("PUT", "/ticks", {"ticks": [{"project": third, "on": True, "product": "planner"}]})
    more = call("GET", "/offer?interval=month")
    said = {"interval": "month", "fingerprint": more["fingerprint"], "prorated_at": more["extension"]["prorated_at"]}
    added = call("POST", "/checkout", said)["order"]
    assert (added["state"], added["due_cents"]) == ("paid", more["extension"]["due_cents"])
    assert call("POST", f"/orders/{added['id']}/give-up")["state"] == "paid"
    bench.work()
    assert call("GET", f"/orders/{added['id']}")["extends"] == more["extension"]["subscription"]
    assert call("POST", "/projects/refresh")["requested_at"] is not None
    assert call("GET", "/projects?part=licensed")["counts"]["licensed"] == 3


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{}", "application/json"), (b"{", "application/json"), (b"a=b", "application/x-www-form-urlencoded")],
)
def test_asking_for_a_fresh_list_takes_no_body(
    owner: Surfer, described: dict[str, Any], body: bytes, kind: str
) -> None:
    headers = {"x-csrftoken": owner.token(), "content-type": kind}

    answer = owner.client.post("/api/v1/projects/refresh", content=body, headers=headers)

    assert answer.status_code == 400
    assert owner.api("GET", "/projects").json()["problem"] is None
    assert "requestBody" not in described["paths"]["/api/v1/projects/refresh"]["post"]
    _told(described, answer)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "/projects?limit=0", None, 400, "invalid_request"),
        ("GET", "/projects?limit=201", None, 400, "invalid_request"),
        ("GET", "/projects?cursor=nonsense", None, 400, "cursor_unknown"),
        ("GET", "/projects?cursor=%25", None, 400, "invalid_request"),
        ("GET", "/central/projects?cursor=AAAA", None, 400, "cursor_unknown"),
        ("GET", "/projects?part=everything", None, 400, "invalid_request"),
        ("PUT", "/ticks", None, 400, "invalid_request"),
        ("PUT", "/ticks", {"ticks": []}, 400, "invalid_request"),
        ("PUT", "/ticks", {"ticks": [{"project": "1", "on": "yes"}]}, 400, "invalid_request"),
        ("PUT", "/ticks", {"ticks": [{"project": "1", "on": True, "product": "crane"}]}, 400, "invalid_request"),
        ("PUT", "/ticks", {"ticks": [{"project": "404", "on": True}]}, 404, "unknown_project"),
        ("PUT", "/projects/404/target", {"smartapp_project": None}, 404, "unknown_project"),
        ("POST", "/checkout", {"interval": "week", "fingerprint": "x"}, 400, "invalid_request"),
        ("POST", "/checkout", {"interval": "year", "fingerprint": "x"}, 409, "nothing_selected"),
        ("GET", "/orders/404", None, 404, "not_found"),
        ("GET", "/central/projects/404/billing", None, 404, "not_found"),
        ("PUT", "/central/projects/404/platform-name", None, 404, "not_found"),
        ("POST", "/central/projects", {"name": " "}, 400, "invalid_request"),
        ("POST", "/central/projects", {"name": "\u200b"}, 422, "name_missing"),
        ("POST", "/central/projects", {"name": "x" * 201}, 400, "invalid_request"),
        ("POST", "/central/projects", {"name": "Shed", "nmae": "x"}, 400, "invalid_request"),
    ],
)
def test_bad_input_is_a_documented_problem(  # noqa: PLR0917 - one row of the table
    owner: Surfer, described: dict[str, Any], method: str, path: str, body: object, status: int, reason: str
) -> None:
    answer = owner.api(method, path, body)

    _told(described, answer)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_tampered_fingerprint_is_refused_with_the_way_out(owner: Surfer) -> None:
    owner.tick(owner.ids()[0], "planner")

    answer = owner.api("POST", "/checkout", {"interval": "year", "fingerprint": "0" * 64})

    assert answer.status_code == 409
    assert answer.json()["reason"] == "price_changed"
    assert answer.json()["way_out"]["url"] == "http://testserver.local/subscriptions"


def test_ticks_are_all_applied_or_none(owner: Surfer) -> None:
    one = owner.ids()[0]

    answer = owner.api("PUT", "/ticks", {"ticks": [{"project": one, "on": True}, {"project": "404", "on": True}]})

    assert answer.status_code == 404
    assert "0 projects, 0 Planner" in words(owner.get("/projects"))


def test_another_company_is_never_visible(owner: Surfer, bench: Workbench, anybody: Callable[[], Surfer]) -> None:
    mine = owner.ids()[3]
    page = owner.buy({mine: ["planner"]})
    with bench.ports.reading(owner.api("GET", "/me").json()["account"]["id"]) as reading:
        order = reading.orders.of_checkout(page)
    assert order is not None
    project = owner.api("GET", "/central/projects").json()["projects"][0]["id"]
    spy = anybody()
    spy.sign_in(bench.employ(bench.company("88"), "mia", admin=True))

    for method, path, body in (
        ("GET", "/orders/{}", None),
        ("GET", "/central/projects/{}/billing", None),
        ("PUT", "/central/projects/{}/platform-name", None),
    ):
        theirs, unknown = (spy.api(method, path.format(id), body) for id in (order.id, "unknown"))
        of_project = spy.api(method, path.format(project), body)
        assert [a.status_code for a in (theirs, unknown, of_project)] == [404, 404, 404]
        bodies = [{**a.json(), "request_id": ""} for a in (theirs, unknown, of_project)]
        assert bodies[0] == bodies[1] == bodies[2]
    assert spy.api("GET", "/central/projects").json()["projects"] == []


def test_a_role_without_billing_gets_licenses_but_no_money(
    owner: Surfer, give_role: Callable[[str, Role], None], described: dict[str, Any]
) -> None:
    owner.buy({owner.ids()[0]: ["planner"]})
    give_role("dana", Role.TEAM_MEMBER)
    project = owner.api("GET", "/central/projects").json()["projects"][0]

    answer = owner.api("GET", f"/central/projects/{project['id']}/billing")

    _told(described, answer)
    assert answer.json()["unit_cents"] is None
    assert answer.json()["invoices"] is None
    refused = owner.api("GET", "/projects")
    _told(described, refused)
    assert refused.json()["reason"] == "role_too_low"


def test_two_members_see_the_same_accounts_but_their_own_ticks(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    lee = anybody()
    lee.sign_in(bench.employ(company, "lee", admin=True))
    owner.tick(owner.ids()[0], "planner")

    assert lee.api("GET", "/review").json()["summary"]["projects"] == 0
    assert owner.api("GET", "/review").json()["summary"]["projects"] == 1
