"""Rate limits, injected faults, common headers."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.emulators.procore.support import CLEO, HARBOR, NOON, QUAY, Emulator, small_world

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.serve import parse_rate
from smartapp_emulators.procore.shapes import SEEN
from smartapp_emulators.serving import PortTaken, ThreadedServer, listen

PROJECTS = f"/rest/v1.1/projects?company_id={HARBOR}"
START = int(NOON.timestamp())


def told(answer: httpx.Response) -> tuple[int, int, int]:
    limit, remaining, reset = (int(answer.headers[f"X-Rate-Limit-{name}"]) for name in ("Limit", "Remaining", "Reset"))
    return limit, remaining, reset


def test_the_nearer_of_two_limits_is_told(emulator: Emulator) -> None:
    emulator.behave(rate=[10, 3])
    token = emulator.person_token()

    first = told(emulator.get("/rest/v1.0/me", token, None))
    for _ in range(3):
        emulator.clock.advance(10)
        emulator.get("/rest/v1.0/me", token, None)
        emulator.get("/rest/v1.0/me", token, None)
    emulator.clock.advance(10)
    later = told(emulator.get("/rest/v1.0/me", token, None))

    assert first == (3, 2, START + 10)
    assert later == (10, 2, START + 3600)


def test_over_the_limit_is_429_with_both_hints_until_the_reset(emulator: Emulator) -> None:
    emulator.behave(rate=[100, 2])
    token = emulator.person_token()
    for _ in range(2):
        assert emulator.get("/rest/v1.0/me", token, None).status_code == 200
    emulator.clock.advance(4)

    refused = emulator.get("/rest/v1.0/me", token, None)
    emulator.clock.advance(6)
    afterwards = emulator.get("/rest/v1.0/me", token, None)

    assert refused.status_code == 429
    assert told(refused) == (2, 0, START + 10)
    assert refused.headers["Retry-After"] == "6"
    assert afterwards.status_code == 200


def test_the_hourly_limit_outlasts_the_spike_window(emulator: Emulator) -> None:
    emulator.behave(rate=[2, 2])
    token = emulator.person_token()
    for _ in range(3):
        emulator.get("/rest/v1.0/me", token, None)
    emulator.clock.advance(11)

    refused = emulator.get("/rest/v1.0/me", token, None)

    assert refused.status_code == 429
    assert told(refused) == (2, 0, START + 3600)


def test_apps_are_counted_apart(emulator: Emulator) -> None:
    emulator.behave(rate=[100, 1])
    one, two = emulator.person_token(client_id="one"), emulator.person_token(client_id="two")

    assert emulator.get("/rest/v1.0/me", one, None).status_code == 200
    assert emulator.get("/rest/v1.0/me", two, None).status_code == 200
    assert emulator.get("/rest/v1.0/me", one, None).status_code == 429


def test_without_a_rate_nothing_is_refused_but_headers_are_told(emulator: Emulator) -> None:
    token = emulator.person_token()

    answers = [emulator.get("/rest/v1.0/me", token, None) for _ in range(205)]

    assert {each.status_code for each in answers} == {200}
    assert told(answers[-1])[1] == 0


def test_a_rate_is_written_hourly_slash_spike() -> None:
    assert parse_rate("600/25") == (600, 25)


@pytest.mark.parametrize("text", ["600", "a/b", "0/5", "600/", "-1/5"])
def test_another_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="as in 600/25"):
        parse_rate(text)


def fault(emulator: Emulator, **what: object) -> None:
    assert emulator.http.post("/_emulator/faults", json=what).status_code == 201


@contextmanager
def outside_the_schemas(emulator: Emulator) -> Iterator[None]:
    """Let answers come that no platform would give."""
    emulator.http.event_hooks, hooks = {}, emulator.http.event_hooks
    yield
    emulator.http.event_hooks = hooks


def test_a_fault_hits_its_path_and_count_only(emulator: Emulator) -> None:
    token = emulator.person_token()
    fault(emulator, path="/rest/v1.0/m*", method="get", status=500, count=2, body={"errors": "boom"}, skip=1)

    statuses = [emulator.get("/rest/v1.0/me", token, None).status_code for _ in range(4)]

    assert statuses == [200, 500, 500, 200]
    assert emulator.get("/rest/v1.0/companies", token, None).status_code == 200


def test_an_overload_answers_503_with_retry_after(emulator: Emulator) -> None:
    fault(emulator, path="/rest/*", status=503, headers={"Retry-After": "7"})

    answer = emulator.get("/rest/v1.0/me", emulator.person_token(), None)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_a_gateways_html_can_be_played(emulator: Emulator) -> None:
    fault(emulator, status=502, body="<html>bad gateway</html>", headers={"Content-Type": "text/html"}, path="/rest/*")

    with outside_the_schemas(emulator):
        answer = emulator.get("/rest/v1.0/me", None, None)

    assert (answer.status_code, answer.text) == (502, "<html>bad gateway</html>")


def test_a_dropped_request_changes_nothing(emulator: Emulator) -> None:
    pair = emulator.exchange(emulator.code()).json()
    fault(emulator, path="/oauth/token", drop="request")

    with pytest.raises(httpx.TransportError):
        emulator.refresh(pair["refresh_token"])

    assert emulator.refresh(pair["refresh_token"]).status_code == 200


def test_a_lost_answer_comes_after_everything_was_stored(emulator: Emulator) -> None:
    pair = emulator.exchange(emulator.code()).json()
    fault(emulator, path="/oauth/token", drop="answer")

    with pytest.raises(httpx.TransportError):
        emulator.refresh(pair["refresh_token"])

    assert emulator.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_delayed_answer_outlasts_an_impatient_client(emulator: Emulator) -> None:
    fault(emulator, path="/rest/*", delay_s=0.5)

    with pytest.raises(httpx.ReadTimeout):
        emulator.http.get("/rest/v1.0/me", timeout=0.05)


@pytest.mark.parametrize("what", [{}, {"path": "/x"}, {"status": 500, "count": 0}, {"drop": "everything"}, {"x": 1}])
def test_a_fault_that_makes_no_sense_is_refused(emulator: Emulator, what: dict[str, object]) -> None:
    assert emulator.http.post("/_emulator/faults", json=what).status_code == 422


def test_faults_can_be_taken_back_and_never_lock_the_controls(emulator: Emulator) -> None:
    fault(emulator, path="*", status=500, count=99)

    assert emulator.http.get("/marketplace").status_code == 500
    assert len(emulator.http.get("/_emulator/faults").json()) == 1
    assert emulator.http.delete("/_emulator/faults").json() == []
    assert emulator.http.get("/marketplace").status_code == 200


def test_every_answer_carries_the_emulated_date_and_a_request_id(emulator: Emulator) -> None:
    first, second = (emulator.http.get("/rest/v1.0/me") for _ in range(2))

    assert first.headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_the_journal_tells_who_called_for_which_company(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()
    emulator.http.delete("/_emulator/journal")
    emulator.get(PROJECTS, token)
    emulator.get(f"/rest/v1.1/projects?company_id={QUAY}", token, QUAY)

    journal = emulator.http.get("/_emulator/journal").json()

    calls = [each for each in journal["entries"] if each["path"].startswith("/rest/")]
    assert [(each["status"], each["company_header"], each["grant"]) for each in calls] == [
        (200, str(HARBOR), "client_credentials"),
        (403, str(QUAY), "client_credentials"),
    ]
    assert journal["counters"]["GET /rest/v1.1/projects 403"] == 1
    assert token not in str(journal)


def test_the_journal_counts_by_kind_of_address_and_can_be_read_on(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token()
    emulator.get("/rest/v1.0/projects/7000000001/tools", token)
    emulator.get("/rest/v1.0/projects/7000000002/tools", token)

    journal = emulator.http.get("/_emulator/journal").json()
    later = emulator.http.get("/_emulator/journal", params={"after": journal["entries"][-2]["number"]}).json()

    assert journal["counters"]["GET /rest/v1.0/projects/{project_id}/tools 200"] == 2
    assert len(later["entries"]) == 2  # the last one known, and the reading itself


def test_two_programs_cannot_have_one_port() -> None:
    taken = listen(0)
    taken.listen()
    try:
        with pytest.raises(PortTaken, match="in use"):
            listen(taken.getsockname()[1])
    finally:
        taken.close()


def test_a_rate_given_at_the_start_is_enforced() -> None:
    app = create_app(small_world(), rate=(100, 1), clock=MovableClock.frozen(NOON))
    with ThreadedServer(app) as server, httpx.Client(base_url=server.url) as http:
        statuses = [http.get("/rest/v1.0/me").status_code for _ in range(2)]

    assert statuses == [401, 429]


@pytest.mark.parametrize(("status", "shape"), [(status, shape) for status, shapes in SEEN.items() for shape in shapes])
def test_every_shape_seen_with_a_status_can_be_played(emulator: Emulator, status: int, shape: str) -> None:
    fault(emulator, path="/marketplace", status=status, shape=shape)

    answer = emulator.http.get("/marketplace")

    assert answer.status_code == status
    assert answer.headers["X-Request-Id"]
    assert (answer.text == "") is (shape == "empty")
    assert ("html" in answer.headers.get("content-type", "")) is (shape == "html")
    if shape not in ("empty", "html"):
        assert answer.json()


def test_a_shape_not_seen_with_a_status_is_refused_with_those_that_are(emulator: Emulator) -> None:
    answer = emulator.http.post("/_emulator/faults", json={"status": 502, "shape": "errors_fields"})

    assert answer.status_code == 422
    assert "html, empty" in str(answer.json())
    assert emulator.http.get("/_emulator/faults/shapes").json()["502"] == ["html", "empty"]


def test_a_fault_can_be_for_one_app_or_one_company(emulator: Emulator) -> None:
    emulator.install(HARBOR)
    emulator.install(QUAY)
    one, two = emulator.person_token(CLEO), emulator.person_token(CLEO, "two")
    fault(emulator, path="/rest/v1.0/me", status=500, client_id="two", count=None)
    fault(emulator, path="/rest/v1.1/projects", status=500, company_id=QUAY, count=None)

    assert emulator.get("/rest/v1.0/me", one, None).status_code == 200
    assert emulator.get("/rest/v1.0/me", two, None).status_code == 500
    assert emulator.get(PROJECTS, one, HARBOR).status_code == 200
    assert emulator.get(f"/rest/v1.1/projects?company_id={QUAY}", one, QUAY).status_code == 500


def test_a_fault_without_count_lasts_until_it_is_lifted(emulator: Emulator) -> None:
    lasting = emulator.http.post("/_emulator/faults", json={"path": "/marketplace", "status": 503, "count": None})

    during = [emulator.http.get("/marketplace").status_code for _ in range(5)]
    emulator.http.delete(f"/_emulator/faults/{lasting.json()['id']}")

    assert during == [503] * 5
    assert emulator.http.get("/marketplace").status_code == 200
    assert emulator.http.delete(f"/_emulator/faults/{lasting.json()['id']}").status_code == 404


def test_a_502_can_come_after_everything_was_done(emulator: Emulator) -> None:
    pair = emulator.exchange(emulator.code()).json()
    fault(emulator, path="/oauth/token", status=502, shape="html", after=True)

    with outside_the_schemas(emulator):
        lost = emulator.refresh(pair["refresh_token"])

    assert lost.status_code == 502
    assert emulator.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_answer_later_than_the_client_waits_was_done_all_the_same(emulator: Emulator) -> None:
    pair = emulator.exchange(emulator.code()).json()
    fault(emulator, path="/oauth/token", late_s=1.0)

    with pytest.raises(httpx.ReadTimeout):
        emulator.http.post(
            "/oauth/token",
            data={
                "grant_type": "refresh_token",
                "client_id": "one",
                "client_secret": "secret-one",
                "refresh_token": pair["refresh_token"],
            },
            timeout=0.3,
        )

    assert emulator.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_body_can_be_cut_off(emulator: Emulator) -> None:
    fault(emulator, path="/marketplace", drop="body")

    with pytest.raises(httpx.RemoteProtocolError):
        emulator.http.get("/marketplace")


def test_a_body_can_drip(emulator: Emulator) -> None:
    fault(emulator, path="/marketplace", drip_s=0.02)

    with httpx.stream("GET", emulator.http.base_url.join("/marketplace")) as answer:
        pieces = [piece for piece in answer.iter_raw() if piece]

    assert len(pieces) == 8
    assert "</html>" in b"".join(pieces).decode()


@pytest.mark.parametrize(
    "what",
    [
        {"status": 99},
        {"after": True, "drop": "answer"},
        {"delay_s": -1, "status": 500},
        {"status": 500, "shape": "generic", "body": "x"},
        {"shape": "generic"},
    ],
)
def test_orders_that_contradict_themselves_are_refused(emulator: Emulator, what: dict[str, object]) -> None:
    assert emulator.http.post("/_emulator/faults", json=what).status_code == 422
