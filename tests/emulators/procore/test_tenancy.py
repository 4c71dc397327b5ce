"""Who reaches what: the company header, the installed app, permitted projects, members and admins."""

import pytest
from tests.emulators.procore.support import (
    ADA,
    BEN,
    CLEO,
    CLOSED,
    EMPTY,
    HARBOR,
    NOBODY,
    PIER,
    QUAY,
    SCHOOL,
    TOWER,
    TOWER_TWO,
    Emulator,
)

PROJECTS = f"/rest/v1.1/projects?company_id={HARBOR}"
NOT_CONNECTED = {"errors": ["App is not connected to this company."]}


def ids(answer: object) -> list[int]:
    assert isinstance(answer, list)
    return [each["id"] for each in answer]


def test_before_installation_only_me_and_companies_answer(emulator: Emulator) -> None:
    token = emulator.person_token()

    assert emulator.get("/rest/v1.0/me", token, None).json() == {"id": ADA, "login": "ada@example.com", "name": None}
    assert ids(emulator.get("/rest/v1.0/companies", token, None).json()) == [HARBOR]
    for path in (
        PROJECTS,
        f"/rest/v1.0/projects?company_id={HARBOR}",
        f"/rest/v1.0/companies/{HARBOR}/projects",
        f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}",
        f"/rest/v1.0/projects/{TOWER}/tools",
        f"/rest/v1.0/settings/permissions?company_id={HARBOR}",
        f"/rest/v1.0/app_installations?company_id={HARBOR}",
        f"/rest/v1.3/companies/{HARBOR}/me",
        f"/rest/v1.0/company_base_url?company_id={HARBOR}",
        f"/rest/v1.0/me?company_id={HARBOR}",
    ):
        refused = emulator.get(path, token)
        assert (refused.status_code, refused.json()) == (403, NOT_CONNECTED), path


def test_an_admin_sees_every_project_and_a_member_only_theirs(emulator: Emulator) -> None:
    emulator.install(project_ids=[])

    assert ids(emulator.get(PROJECTS, emulator.person_token(ADA)).json()) == [TOWER, TOWER_TWO, SCHOOL]
    assert ids(emulator.get(PROJECTS, emulator.person_token(BEN)).json()) == [TOWER]


def test_a_service_account_sees_only_permitted_projects(emulator: Emulator) -> None:
    emulator.install(project_ids=[SCHOOL, CLOSED])
    token = emulator.service_token()

    assert ids(emulator.get(PROJECTS, token).json()) == [SCHOOL]
    assert ids(emulator.get(f"{PROJECTS}&filters[by_status]=All", token).json()) == [SCHOOL, CLOSED]
    assert emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", token).status_code == 403
    assert emulator.get(f"/rest/v1.0/projects/{SCHOOL}?company_id={HARBOR}", token).status_code == 200


def test_a_member_is_told_that_a_project_of_others_does_not_exist(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token(BEN)

    hidden = emulator.get(f"/rest/v1.0/projects/{SCHOOL}?company_id={HARBOR}", token)
    unknown = emulator.get(f"/rest/v1.0/projects/{SCHOOL + 900}?company_id={HARBOR}", token)

    assert hidden.status_code == 404
    assert hidden.json() == unknown.json()


def test_a_service_account_reaches_only_companies_with_the_app(emulator: Emulator) -> None:
    emulator.install(HARBOR)
    token = emulator.service_token()

    assert ids(emulator.get("/rest/v1.0/companies", token).json()) == [HARBOR]
    assert emulator.get("/rest/v1.0/companies", token, QUAY).json() == NOT_CONNECTED
    assert emulator.get(f"/rest/v1.1/projects?company_id={QUAY}", token, QUAY).json() == NOT_CONNECTED


def test_a_service_account_must_send_the_header_even_for_me_and_companies(emulator: Emulator) -> None:
    emulator.install()
    emulator.behave(lenient=True)
    token = emulator.service_token()

    assert emulator.get("/rest/v1.0/me", token, None).status_code == 400
    assert emulator.get("/rest/v1.0/companies", token, None).status_code == 400
    assert emulator.get("/rest/v1.0/me", token).json()["login"].startswith("service-account-")


def test_the_service_account_is_a_directory_user_of_its_company(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()

    user = emulator.get(f"/rest/v1.0/companies/{HARBOR}/me", token).json()

    assert user["name"] == "App One"
    assert user["id"] == emulator.get("/rest/v1.0/me", token).json()["id"]


def test_one_apps_installation_is_of_no_use_to_another(emulator: Emulator) -> None:
    emulator.install(client_id="one")

    assert emulator.get(PROJECTS, emulator.person_token(client_id="two")).json() == NOT_CONNECTED


def test_uninstalling_ends_access_at_once_but_refreshing_still_works(emulator: Emulator) -> None:
    emulator.install()
    pair = emulator.exchange(emulator.code()).json()
    emulator.http.delete("/_emulator/installations", params={"client_id": "one", "company_id": HARBOR})

    refreshed = emulator.refresh(pair["refresh_token"]).json()["access_token"]

    assert emulator.get(PROJECTS, refreshed).json() == NOT_CONNECTED
    assert ids(emulator.get("/rest/v1.0/companies", refreshed, None).json()) == [HARBOR]


def test_uninstalling_may_be_set_to_revoke_tokens(emulator: Emulator) -> None:
    emulator.behave(uninstall_revokes_tokens=True)
    emulator.install()
    token = emulator.person_token()

    emulator.http.delete("/_emulator/installations", params={"client_id": "one", "company_id": HARBOR})

    assert emulator.get("/rest/v1.0/me", token, None).status_code == 401


@pytest.mark.parametrize(
    "path", [PROJECTS, f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", f"/rest/v1.0/projects/{TOWER}/tools"]
)
def test_the_company_header_is_required_unless_lenient(emulator: Emulator, path: str) -> None:
    emulator.install()
    token = emulator.person_token()

    strict = emulator.get(path, token, None)
    emulator.behave(lenient=True)
    lenient = emulator.get(path, token, None)

    assert strict.status_code == 400
    assert strict.json()["errors"].startswith("Missing Procore-Company-Id header!")
    assert lenient.status_code == 200


def test_the_status_of_a_missing_header_is_a_switch(emulator: Emulator) -> None:
    emulator.install()
    emulator.behave(missing_header_status=404)

    assert emulator.get(PROJECTS, emulator.person_token(), None).status_code == 404


def test_the_header_must_agree_with_the_company_of_the_call(emulator: Emulator) -> None:
    emulator.install(HARBOR)
    emulator.install(QUAY)
    token = emulator.person_token(CLEO)

    assert emulator.get(PROJECTS, token, QUAY).status_code == 403
    assert emulator.get(f"/rest/v1.0/projects/{PIER}?company_id={HARBOR}", token, HARBOR).status_code == 404
    assert emulator.get(f"/rest/v1.0/projects/{PIER}/tools", token, HARBOR).status_code == 403


@pytest.mark.parametrize("header", ["abc", "-1", "1.5"])
def test_a_header_that_is_no_id_is_refused(emulator: Emulator, header: str) -> None:
    token = emulator.person_token()

    answer = emulator.http.get(
        "/rest/v1.0/me", headers={"Authorization": f"Bearer {token}", "Procore-Company-Id": header}
    )

    assert answer.status_code == 400


def test_a_company_one_is_no_member_of_does_not_exist(emulator: Emulator) -> None:
    emulator.install(QUAY)
    emulator.install(EMPTY)

    assert emulator.get(f"/rest/v1.1/projects?company_id={QUAY}", emulator.person_token(ADA), QUAY).status_code == 404
    assert emulator.get("/rest/v1.0/companies", emulator.person_token(NOBODY), None).json() == []


def test_the_name_is_told_once_a_company_or_project_is_given(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token(BEN)

    assert emulator.get(f"/rest/v1.0/me?company_id={HARBOR}", token).json()["name"] == "Ben Example"
    assert emulator.get(f"/rest/v1.0/me?project_id={TOWER}", token).json()["name"] == "Ben Example"
    assert emulator.get(f"/rest/v1.0/me?project_id={SCHOOL}", token).status_code == 404


@pytest.mark.parametrize("minor", range(4))
def test_every_minor_version_of_the_company_user_answers(emulator: Emulator, minor: int) -> None:
    emulator.install()

    user = emulator.get(f"/rest/v1.{minor}/companies/{HARBOR}/me", emulator.person_token()).json()

    assert (user["id"], user["email_address"]) == (ADA, "ada@example.com")


def levels(emulator: Emulator, token: str, where: str) -> dict[str, str]:
    tools = emulator.get(f"/rest/v1.0/settings/permissions?{where}", token).json()["tools"]
    return {tool["friendly_name"]: tool["user_access_level"]["name"] for tool in tools}


def test_permissions_tell_an_admin_from_a_member(emulator: Emulator) -> None:
    emulator.install()

    admin = levels(emulator, emulator.person_token(ADA), f"company_id={HARBOR}")
    member = levels(emulator, emulator.person_token(BEN), f"company_id={HARBOR}")

    assert (admin["Admin"], admin["Directory"]) == ("Admin", "Admin")
    assert (member["Admin"], member["Directory"]) == ("None", "Read Only")


def test_permissions_of_a_service_account_are_those_the_admin_agreed_to(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.service_token()

    company = levels(emulator, token, f"company_id={HARBOR}")
    project = levels(emulator, token, f"project_id={SCHOOL}")

    assert (company["Directory"], company["Admin"]) == ("Standard", "None")
    assert (project["Admin"], project["Documents"]) == ("Admin", "None")


def test_a_disabled_tool_is_off_in_tools_and_permissions(emulator: Emulator) -> None:
    emulator.install()
    token = emulator.person_token()

    off = emulator.get(f"/rest/v1.0/projects/{SCHOOL}/tools?filters[is_active]=false", token).json()

    assert [tool["title"] for tool in off] == ["Schedule"]
    assert levels(emulator, token, f"project_id={SCHOOL}")["Schedule"] == "None"
    assert levels(emulator, token, f"project_id={TOWER}")["Schedule"] == "Admin"


def test_permissions_need_a_company_or_a_project(emulator: Emulator) -> None:
    emulator.install()

    assert emulator.get("/rest/v1.0/settings/permissions", emulator.person_token()).status_code == 400


def test_an_app_sees_its_own_installation_only(emulator: Emulator) -> None:
    mine = emulator.install(client_id="one")
    theirs = emulator.install(client_id="two")
    token = emulator.person_token()

    listed = emulator.get(f"/rest/v1.0/app_installations?company_id={HARBOR}", token).json()

    assert [(each["id"], each["app_uid"], each["status"]) for each in listed] == [(mine["id"], "one", "installed")]
    assert emulator.get(f"/rest/v1.0/app_installations/{mine['id']}", token).json() == listed[0]
    assert emulator.get(f"/rest/v1.0/app_installations/{theirs['id']}", token).status_code == 404


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", "Bearer"])
def test_without_a_good_token_everything_is_401(emulator: Emulator, header: str | None) -> None:
    headers = {"Procore-Company-Id": str(HARBOR)} | ({"Authorization": header} if header else {})

    assert emulator.http.get(PROJECTS, headers=headers).status_code == 401
    assert emulator.http.get("/rest/v1.0/me", headers=headers).status_code == 401
