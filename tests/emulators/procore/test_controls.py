"""The controls under `/_emulator`, as JSON and as a page, and the state file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.emulators.procore.support import (
    ADA,
    CALLBACK,
    CLOSED,
    HARBOR,
    QUAY,
    SCHOOL,
    TOWER,
    Emulator,
    check_answer,
    read_page,
    small_world,
    submit,
)

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.store import StateFileError
from smartapp_emulators.serving import ThreadedServer

PROJECTS = f"/rest/v1.1/projects?company_id={HARBOR}"


def test_the_world_can_be_read(emulator: Emulator) -> None:
    world = emulator.http.get("/_emulator/world").json()

    app = world["apps"][0]
    assert (app["client_id"], app["client_secret"]) == ("one", "secret-one")
    assert CALLBACK in app["redirect_uris"]
    assert {"authorization_code", "client_credentials"} == set(app["grants"])
    assert [(each["company_id"], each["active"]) for each in world["projects"]][3] == (HARBOR, False)
    assert world["people"][0]["name"] == "Ada Example"
    assert world["installations"] == []


def test_installing_all_permits_inactive_projects_too_and_answers_201(emulator: Emulator) -> None:
    assert CLOSED in emulator.install(project_ids="all")["project_ids"]


def test_installing_again_replaces_the_permitted_projects(emulator: Emulator) -> None:
    first = emulator.install(project_ids="all")
    second = emulator.install(project_ids=[TOWER])

    listed = emulator.http.get("/_emulator/installations").json()
    assert [(each["id"], each["project_ids"]) for each in listed] == [(first["id"], [TOWER])]
    assert second["service_user_id"] == first["service_user_id"]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"client_id": "nobody", "company_id": HARBOR}, 404),
        ({"client_id": "one", "company_id": 1}, 404),
        ({"client_id": "one", "company_id": HARBOR, "project_ids": [1]}, 422),
        ({"client_id": "one", "company_id": HARBOR, "project_ids": "some"}, 422),
        ({"client_id": "one"}, 422),
    ],
)
def test_an_impossible_installation_is_refused(emulator: Emulator, order: dict[str, object], status: int) -> None:
    answer = emulator.http.post("/_emulator/installations", json=order)

    assert answer.status_code == status
    assert answer.json()["errors"]
    assert emulator.http.get("/_emulator/installations").json() == []


def test_uninstalling_forgets_the_permitted_projects(emulator: Emulator) -> None:
    installed = emulator.install()

    gone = emulator.http.delete(f"/_emulator/installations/{installed['id']}")
    again = emulator.http.delete(f"/_emulator/installations/{installed['id']}")

    assert (gone.json()["status"], gone.json()["project_ids"]) == ("uninstalled", [])
    assert again.status_code == 404


def test_uninstalling_needs_to_know_where(emulator: Emulator) -> None:
    assert emulator.http.delete("/_emulator/installations", params={"client_id": "one"}).status_code == 422


def test_a_project_can_be_renamed_and_deactivated(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token()
    emulator.clock.advance(60)

    changed = emulator.http.patch(f"/_emulator/projects/{TOWER}", json={"name": "Tower North", "active": False})

    shown = emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", token).json()
    assert changed.status_code == 200
    assert (shown["name"], shown["active"], shown["updated_at"]) == ("Tower North", False, "2026-03-02T12:01:00Z")
    assert TOWER not in [each["id"] for each in emulator.get(PROJECTS, token).json()]


def test_a_project_change_that_makes_no_sense_is_refused(emulator: Emulator) -> None:
    assert emulator.http.patch("/_emulator/projects/1", json={"name": "x"}).status_code == 404
    assert emulator.http.patch(f"/_emulator/projects/{TOWER}", json={"name": ""}).status_code == 422
    assert emulator.http.patch(f"/_emulator/projects/{TOWER}", json={"size": 3}).status_code == 422


def test_a_new_project_is_not_permitted_by_itself(emulator: Emulator) -> None:
    emulator.install(project_ids="all")
    token = emulator.service_token()

    added = emulator.http.post("/_emulator/projects", json={"company_id": HARBOR, "name": "New"}).json()

    assert added["id"] not in [each["id"] for each in emulator.get(PROJECTS, token).json()]
    assert added["id"] in [each["id"] for each in emulator.get(PROJECTS, emulator.person_token()).json()]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name": "x"}, 422),
        ({"company_id": 1, "name": "x"}, 404),
        ({"company_id": HARBOR, "name": "x", "id": TOWER}, 409),
    ],
)
def test_an_impossible_project_is_refused(emulator: Emulator, sent: dict[str, object], status: int) -> None:
    assert emulator.http.post("/_emulator/projects", json=sent).status_code == status


def test_the_clock_moves_jumps_stops_and_runs(emulator: Emulator) -> None:
    moved = emulator.http.post("/_emulator/clock", json={"advance_s": 90}).json()
    jumped = emulator.http.post("/_emulator/clock", json={"set_to": "2027-01-01T02:00:00+02:00"}).json()
    running = emulator.http.post("/_emulator/clock", json={"frozen": False}).json()

    assert (moved["now"], moved["frozen"]) == ("2026-03-02T12:01:30Z", True)
    assert jumped["now"] == "2027-01-01T00:00:00Z"
    assert (running["frozen"], running["now"][:10]) == (False, "2027-01-01")
    assert emulator.http.post("/_emulator/clock", json={"set_to": "2027-01-01T00:00:00"}).status_code == 422


def test_expired_tokens_can_still_be_refreshed_and_revoked_ones_cannot(emulator: Emulator) -> None:
    pair = emulator.exchange(emulator.code()).json()

    expired = emulator.http.post("/_emulator/tokens/expire", json={"client_id": "one"}).json()
    fresh = emulator.refresh(pair["refresh_token"]).json()
    revoked = emulator.http.post("/_emulator/tokens/revoke", json={"person_id": ADA}).json()

    assert (expired, revoked) == ({"expired": 1}, {"revoked": 1})
    assert emulator.get("/rest/v1.0/me", fresh["access_token"], None).status_code == 401
    assert emulator.refresh(fresh["refresh_token"]).status_code == 400


def test_a_token_for_nobody_is_refused(emulator: Emulator) -> None:
    assert emulator.http.post("/_emulator/tokens", json={"client_id": "one", "person_id": 1}).status_code == 404
    assert emulator.http.post("/_emulator/tokens", json={"client_id": "x", "person_id": ADA}).status_code == 404


def test_switches_are_read_changed_and_checked(emulator: Emulator) -> None:
    emulator.behave(lenient=True, rate=[600, 25], long_tokens=False)

    assert emulator.http.get("/_emulator/behavior").json()["rate"] == [600, 25]
    assert len(emulator.person_token()) < 100
    assert emulator.http.patch("/_emulator/behavior", json={"lenient": "perhaps"}).status_code == 422
    assert emulator.http.patch("/_emulator/behavior", json={"mood": "good"}).status_code == 422


def test_tokens_are_longer_than_a_kilobyte_by_default(emulator: Emulator) -> None:
    assert len(emulator.person_token()) > 1000


def test_another_world_can_be_loaded_and_reset_returns_to_it(emulator: Emulator) -> None:
    seed = emulator.store.state.seed
    other = small_world()
    other.name, other.projects = "Other", other.projects[:1]
    other.people[1].companies[0].project_ids = [TOWER]

    loaded = emulator.http.put("/_emulator/world", content=msgspec.json.encode(other)).json()
    emulator.install()
    emulator.http.post("/_emulator/reset")

    world = emulator.http.get("/_emulator/world").json()
    assert loaded == {"loaded": "Other"}
    assert (len(world["projects"]), world["installations"]) == (1, [])
    emulator.store.reset(seed)


def test_a_broken_world_is_refused_and_nothing_changes(emulator: Emulator) -> None:
    emulator.install()

    refused = emulator.http.put("/_emulator/world", content=b'{"name": "x"}')

    assert refused.status_code == 422
    assert "not a world" in refused.json()["errors"]["world"][0]
    assert len(emulator.http.get("/_emulator/installations").json()) == 1


def test_the_page_does_what_the_api_does(emulator: Emulator) -> None:
    def page() -> httpx.Response:
        return emulator.http.get("/_emulator")

    submit(emulator.http, page(), button="Move")
    assert emulator.clock.now() == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    submit(emulator.http, page(), button="Let it run")
    assert emulator.clock.state.frozen_at is None
    submit(emulator.http, page(), button="Stop the clock")
    submit(emulator.http, page(), button="Install")
    assert emulator.store.installation("one", HARBOR) is not None
    submit(emulator.http, page(), button="Uninstall")
    assert emulator.store.installation("one", HARBOR) is None
    emulator.person_token()
    submit(emulator.http, page(), button="Expire access tokens")
    submit(emulator.http, page(), button="Withdraw all consent")
    assert emulator.store.state.tokens == []
    emulator.http.post("/_emulator/do/fault", data={"path": "/x", "count": "2", "kind": "503"})
    assert emulator.store.state.faults[0].headers == {"Retry-After": "5"}
    submit(emulator.http, page(), button="Clear faults")
    assert emulator.store.state.faults == []
    emulator.http.get("/marketplace")
    submit(emulator.http, page(), button="Clear the journal")
    submit(emulator.http, page(), button="Reset the world")
    assert emulator.store.state.installations == []


@pytest.mark.parametrize(
    "kind", ["drop-request", "drop-answer", "drop-body", "delay", "late", "drip", "500", "422 errors_fields"]
)
def test_every_fault_of_the_page_is_one_the_api_knows(emulator: Emulator, kind: str) -> None:
    emulator.http.post("/_emulator/do/fault", data={"path": "/x", "count": "1", "kind": kind})

    assert len(emulator.http.get("/_emulator/faults").json()) == 1


def test_the_page_renames_and_deactivates_a_project(emulator: Emulator) -> None:
    found = emulator.http.get("/_emulator", params={"project": "school"})
    assert "S-1" in found.text
    assert "T-1" not in found.text

    emulator.http.post("/_emulator/do/project", data={"id": str(SCHOOL), "name": "School Annex", "query": "sch"})

    project = emulator.store.project(SCHOOL)
    assert project is not None
    assert (project.name, project.active) == ("School Annex", False)


@pytest.mark.parametrize(
    ("action", "data", "status"),
    [("dance", {}, 404), ("advance", {"seconds": "soon"}, 422), ("project", {"id": "1"}, 422)],
)
def test_the_page_refuses_what_it_does_not_understand(
    emulator: Emulator, action: str, data: dict[str, str], status: int
) -> None:
    assert emulator.http.post(f"/_emulator/do/{action}", data=data).status_code == status


def test_another_site_cannot_press_the_buttons(emulator: Emulator) -> None:
    answer = emulator.http.post("/_emulator/do/reset", headers={"Origin": "https://evil.example.com"})

    assert answer.status_code == 403


def run(file: Path, **options: object) -> ThreadedServer:
    return ThreadedServer(create_app(small_world(), state_file=file, **options))  # type: ignore[arg-type]


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.json"
    with run(file) as server, httpx.Client(base_url=server.url) as http:
        first = Emulator(http, MovableClock(), server.app.state.store)
        first.install(project_ids=[TOWER])
        token = first.person_token()
        http.patch(f"/_emulator/projects/{TOWER}", json={"name": "Kept"})
        http.post("/_emulator/clock", json={"set_to": "2030-05-05T00:00:00Z", "frozen": True})
        first.sign_in(ADA)
        cookies = http.cookies

    with run(file) as server, httpx.Client(base_url=server.url, cookies=cookies) as http:
        http.event_hooks = {"response": [check_answer]}
        second = Emulator(http, MovableClock(), server.app.state.store)
        clock = http.get("/_emulator/clock").json()
        installation = http.get("/_emulator/installations").json()[0]
        signed_in = http.get("/marketplace").text
        http.post("/_emulator/clock", json={"set_to": "2026-01-01T00:00:00Z"})
        answer = second.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", token)

    assert (clock["frozen"], clock["now"][:10]) == (True, "2030-05-05")
    assert installation["project_ids"] == [TOWER]
    assert "Ada Example" in signed_in
    assert answer.json()["name"] == "Kept"


def test_the_journal_is_kept_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with run(file) as server:
        httpx.get(f"{server.url}/marketplace")

    kept = json.loads(file.read_text("utf-8"))

    assert kept["counters"]["GET /marketplace 200"] == 1
    assert list(tmp_path.iterdir()) == [file]


def test_a_spoiled_state_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("{")

    with pytest.raises(StateFileError, match=r"state\.json.*Delete it"):
        run(file)
    assert file.read_text() == "{"


def test_more_redirect_addresses_can_be_given_at_the_start() -> None:
    extra = "http://127.0.0.1:9000/sign-in/callback"
    with ThreadedServer(create_app(small_world(), extra_redirect_uris=[extra])) as server:
        world = httpx.get(f"{server.url}/_emulator/world").json()
        page = httpx.get(
            f"{server.url}/oauth/authorize",
            params={"response_type": "code", "client_id": "two", "redirect_uri": extra},
        )

    assert all(extra in app["redirect_uris"] for app in world["apps"])
    assert page.status_code == 302


def test_a_second_companys_projects_do_not_leak_into_the_first(emulator: Emulator) -> None:
    emulator.install(HARBOR)
    emulator.install(QUAY)

    seen = {each["company"]["id"] for each in emulator.get(PROJECTS, emulator.service_token()).json()}

    assert seen == {HARBOR}


def test_the_links_of_the_page_all_answer(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    links = {link["href"] for link in read_page(emulator.http.get("/_emulator")).links.values()}

    assert {emulator.http.get(link).status_code for link in links if link.startswith("/")} == {200}


def test_a_clock_that_others_share_is_not_offered_to_be_stopped(tmp_path: Path) -> None:
    pages = []
    for clock in (MovableClock(), MovableClock(file=tmp_path / "clock.json")):
        app = create_app(small_world(), clock=clock, setup_url="http://127.0.0.1:8000/setup")
        with ThreadedServer(app) as server:
            pages.append(httpx.get(f"{server.url}/_emulator").text)

    assert ["Stop the clock" in page for page in pages] == [True, False]
