"""Who may do what with which tool: levels, tools that are off, and app updates that forget the permitted projects."""

import httpx
import pytest
from tests.emulators.procore.support import ADA, BEN, HARBOR, QUAY, SCHOOL, TOWER, Emulator, read_page, submit

LOCATIONS = f"/rest/v1.0/projects/{TOWER}/locations"


def change(emulator: Emulator, **what: object) -> httpx.Response:
    return emulator.http.post("/_emulator/permissions", json={"company_id": HARBOR} | what)


def create(emulator: Emulator, token: str, **location: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Procore-Company-Id": str(HARBOR)}
    return emulator.http.post(LOCATIONS, json={"location": location}, headers=headers)


def shown_level(emulator: Emulator, token: str, tool: str, project_id: int = TOWER) -> str:
    asked = f"/rest/v1.0/settings/permissions?project_id={project_id}"
    tools = emulator.get(asked, token).json()["tools"]
    return next(each["user_access_level"]["name"] for each in tools if each["friendly_name"] == tool)


def test_locations_are_created_and_listed_with_their_paths(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()

    tower = create(emulator, token, node_name="Building A").json()
    level = create(emulator, token, node_name="Level 1", parent_id=tower["id"]).json()

    listed = emulator.get(LOCATIONS, token)
    assert [each["name"] for each in listed.json()] == ["Building A", "Building A>Level 1"]
    assert listed.headers["Total"] == "2"
    assert emulator.get(f"{LOCATIONS}/{level['id']}", token).json() == level
    assert emulator.get(f"{LOCATIONS}/1", token).status_code == 404


@pytest.mark.parametrize("location", [{}, {"node_name": " "}, {"node_name": 5}])
def test_a_location_without_a_name_is_refused(emulator: Emulator, location: dict[str, object]) -> None:
    emulator.install()

    assert create(emulator, emulator.service_token(), **location).status_code == 400


def test_a_created_location_whose_answer_is_lost_is_there_twice_when_sent_again(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()
    emulator.http.post("/_emulator/faults", json={"path": LOCATIONS, "method": "POST", "drop": "answer"})

    with pytest.raises(httpx.TransportError):
        create(emulator, token, node_name="Roof")
    create(emulator, token, node_name="Roof")

    assert [each["node_name"] for each in emulator.get(LOCATIONS, token).json()] == ["Roof", "Roof"]


def test_a_tool_that_is_off_answers_403_to_everybody(emulator: Emulator) -> None:
    emulator.install()
    change(emulator, client_id="one", tool="Schedule", project_id=SCHOOL, level="Admin")

    off = emulator.get(f"/rest/v1.0/projects/{SCHOOL}/schedule", emulator.service_token())
    emulator.http.patch(f"/_emulator/projects/{SCHOOL}", json={"disabled_tools": []})
    on = emulator.get(f"/rest/v1.0/projects/{SCHOOL}/schedule", emulator.service_token())

    assert (off.status_code, off.json()) == (403, {"errors": ["The tool Schedule is not active in this project."]})
    assert on.status_code == 200


@pytest.mark.parametrize(
    ("level", "reading", "writing"),
    [("None", 403, 403), ("Read Only", 200, 403), ("Standard", 200, 403), ("Admin", 200, 201)],
)
@pytest.mark.parametrize("who", ["person", "service account"])
def test_a_level_lets_in_as_far_as_it_goes(
    emulator: Emulator, who: str, level: str, reading: int, writing: int
) -> None:
    emulator.install()
    token = emulator.person_token(BEN) if who == "person" else emulator.service_token()
    key = {"person_id": BEN} if who == "person" else {"client_id": "one"}

    assert change(emulator, **key, tool="Admin", project_id=TOWER, level=level).status_code == 200

    assert shown_level(emulator, token, "Admin") == level
    assert emulator.get(LOCATIONS, token).status_code == reading
    assert create(emulator, token, node_name="Roof").status_code == writing


def test_a_level_is_one_persons_on_one_tool_of_one_project(emulator: Emulator) -> None:
    emulator.install()
    ada, service = emulator.person_token(ADA), emulator.service_token()

    change(emulator, client_id="one", tool="Admin", project_id=TOWER, level="None")

    assert shown_level(emulator, service, "Admin", SCHOOL) == "Admin"
    assert shown_level(emulator, ada, "Admin") == "Admin"


def test_a_level_taken_back_is_the_one_that_comes_by_itself(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()
    change(emulator, client_id="one", tool="Admin", project_id=TOWER, level="None")

    change(emulator, client_id="one", tool="Admin", project_id=TOWER, level=None)

    assert emulator.http.get("/_emulator/permissions").json() == []
    assert shown_level(emulator, token, "Admin") == "Admin"


def test_a_company_admins_right_can_be_taken_away(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token(ADA)

    change(emulator, person_id=ADA, tool="Admin", level="Standard")

    tools = emulator.get(f"/rest/v1.0/settings/permissions?company_id={HARBOR}", token).json()["tools"]
    held = {each["friendly_name"]: each["user_access_level"]["name"] for each in tools}
    assert (held["Admin"], held["Directory"]) == ("Standard", "Admin")


@pytest.mark.parametrize(
    "what",
    [
        {"tool": "Admin", "level": "Admin"},
        {"tool": "Admin", "level": "Admin", "person_id": ADA, "client_id": "one"},
        {"tool": "Admin", "level": "Admin", "person_id": 1},
        {"tool": "Admin", "level": "Admin", "client_id": "nobody"},
        {"tool": "Admin", "level": "Admin", "person_id": ADA, "company_id": 1},
        {"tool": "Admin", "level": "Admin", "person_id": ADA, "company_id": QUAY, "project_id": TOWER},
        {"tool": "Drawings", "level": "Admin", "person_id": ADA},
        {"tool": "Admin", "level": "Emperor", "person_id": ADA},
    ],
)
def test_a_level_that_cannot_be_is_refused(emulator: Emulator, what: dict[str, object]) -> None:
    assert change(emulator, **what).status_code == 422
    assert emulator.http.get("/_emulator/permissions").json() == []


def test_the_page_switches_tools_and_gives_levels(emulator: Emulator) -> None:
    emulator.install()
    page = emulator.http.get(f"/_emulator/access?project={SCHOOL}")

    form = next(form for form in read_page(page).forms if form.action == "/_emulator/access")
    sent: dict[str, list[str]] = {"on": ["Schedule", "Drawings"]}
    for name, value in form.fields:
        if name != "on":
            sent.setdefault(name, []).append(value)
    sent["app-one/Schedule"] = ["Standard"]
    saved = emulator.http.post("/_emulator/access", data=sent)
    project = emulator.store.project(SCHOOL)

    assert saved.headers["location"].endswith("&saved")
    assert project is not None
    assert project.disabled_tools == ["Documents", "Photos", "RFIs", "Submittals", "Inspections", "Incidents"]
    assert [each["level"] for each in emulator.http.get("/_emulator/permissions").json()] == ["Standard"]
    assert shown_level(emulator, emulator.service_token(), "Schedule", SCHOOL) == "Standard"
    assert "are saved" in emulator.http.get(saved.headers["location"]).text


def test_a_page_saved_untouched_changes_nothing(emulator: Emulator) -> None:
    emulator.install()

    for place in (f"project={SCHOOL}", f"company={HARBOR}"):
        page = emulator.http.get(f"/_emulator/access?{place}")
        submit(emulator.http, page, button="Save tools and permissions")

    assert emulator.http.get("/_emulator/permissions").json() == []
    project = emulator.store.project(SCHOOL)
    assert project is not None
    assert project.disabled_tools == ["Schedule"]


def test_the_page_of_nothing_is_not_found(emulator: Emulator) -> None:
    assert emulator.http.get("/_emulator/access?project=1").status_code == 404
    assert emulator.http.get("/_emulator/access").status_code == 404


def test_an_accepted_update_forgets_the_permitted_projects(emulator: Emulator) -> None:
    installed = emulator.install()
    token = emulator.service_token()
    projects = f"/rest/v1.1/projects?company_id={HARBOR}"

    told = emulator.http.post("/_emulator/apps/one/version", json={"version": "2.0.0"}).json()
    waiting = emulator.get(projects, token).json()
    emulator.http.post(f"/_emulator/installations/{installed['id']}/update")
    updated = emulator.get(projects, token).json()
    one = emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", token)

    assert told == {"version": "2.0.0", "update_available": [installed["id"]]}
    assert len(waiting) == 3
    assert updated == []
    assert one.status_code == 403
    shown = emulator.get(f"/rest/v1.0/app_installations?company_id={HARBOR}", token).json()
    assert shown[0]["semantic_version"] == "2.0.0"


def test_an_admin_updates_and_chooses_again(emulator: Emulator) -> None:
    emulator.install(project_ids=[TOWER])
    emulator.http.post("/_emulator/do/version", data={"client_id": "one", "version": "1.1.0"})
    emulator.sign_in(ADA)

    before = emulator.http.get(f"/app-management?company={HARBOR}")
    chosen = submit(emulator.http, before, button="Update to 1.1.0")
    page = emulator.http.get(chosen.headers["location"])
    after = emulator.http.get(f"/app-management?company={HARBOR}")

    assert "did not carry over" in page.text
    assert "0 of 4 projects permitted" in page.text
    assert "Update to" not in after.text


def test_what_cannot_be_updated_is_told(emulator: Emulator) -> None:
    installed = emulator.install()
    emulator.http.delete(f"/_emulator/installations/{installed['id']}")

    assert emulator.http.post(f"/_emulator/installations/{installed['id']}/update").status_code == 404
    assert emulator.http.post("/_emulator/apps/nobody/version", json={"version": "2"}).status_code == 404
    assert emulator.http.post("/_emulator/apps/one/version", json={"version": ""}).status_code == 422
