"""The human side without a browser: every step submitted as it stands."""

import httpx
import pytest
from tests.emulators.procore.support import (
    ADA,
    BEN,
    CLEO,
    CLOSED,
    HARBOR,
    NOBODY,
    PIER,
    QUAY,
    SCHOOL,
    TOWER,
    TOWER_TWO,
    Emulator,
    read_page,
    submit,
)


def follow(emulator: Emulator, answer: httpx.Response) -> httpx.Response:
    while answer.is_redirect:
        answer = emulator.http.get(answer.headers["location"])
    return answer


def press(emulator: Emulator, page: httpx.Response, button: str) -> httpx.Response:
    return follow(emulator, submit(emulator.http, page, button=button))


def install_untouched(emulator: Emulator, *, company_step: bool = False) -> httpx.Response:
    page = press(emulator, emulator.http.get("/marketplace/one"), "Install")
    if company_step:
        page = press(emulator, page, "Continue")
    page = press(emulator, page, "Continue")
    return press(emulator, page, "Install")


def permitted(emulator: Emulator, company_id: int = HARBOR) -> list[int] | None:
    found = emulator.store.installation("one", company_id)
    return found.project_ids if found is not None else None


def test_search_finds_listings_by_any_word(emulator: Emulator) -> None:
    def results(query: str) -> set[str]:
        page = emulator.http.get("/marketplace", params={"q": query})
        return set(read_page(page).links) & {"App One", "App Two"}

    assert results("") == {"App One", "App Two"}
    assert results("one") == {"App One"}
    assert results("FIRST app") == {"App One"}
    assert results("nothing like it") == set()


def test_installing_untouched_permits_every_active_project(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    last = install_untouched(emulator)

    assert permitted(emulator) == [TOWER, TOWER_TWO, SCHOOL]
    assert "App One is installed" in last.text
    assert "One step is left." in last.text


def test_the_last_page_leads_to_the_apps_setup_page_in_a_new_tab(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    link = read_page(install_untouched(emulator)).links["App Setup Instructions"]

    assert link["href"] == "http://127.0.0.1:8000/setup?app=one"
    assert (link["target"], link["rel"]) == ("_blank", "noopener")


def test_nothing_is_installed_before_the_last_step(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    page = press(emulator, emulator.http.get("/marketplace/one"), "Install")
    page = press(emulator, page, "Continue")

    assert "Permitted projects" in page.text
    assert permitted(emulator) is None


def test_a_fresh_browser_signs_in_on_the_way(emulator: Emulator) -> None:
    page = press(emulator, emulator.http.get("/marketplace/one"), "Install")
    page = press(emulator, page, "Continue as Ada Example")

    assert "What App One may do" in page.text
    assert "Keeps locations" in page.text


def test_an_admin_of_several_companies_chooses_one_first(emulator: Emulator) -> None:
    emulator.sign_in(CLEO)

    install_untouched(emulator, company_step=True)
    second = install_untouched(emulator, company_step=True)

    assert permitted(emulator, HARBOR) is not None
    assert permitted(emulator, QUAY) == [PIER]  # the one still open was offered first
    assert "Quay" in second.text


def test_the_picker_may_permit_nothing_or_an_inactive_project(emulator: Emulator) -> None:
    emulator.sign_in(ADA)

    emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR)})
    none = permitted(emulator)
    emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR), "project": [str(CLOSED)]})

    assert (none, permitted(emulator)) == ([], [CLOSED])


def test_a_member_without_rights_asks_and_an_admin_sees_the_request(emulator: Emulator) -> None:
    emulator.sign_in(BEN)
    page = press(emulator, emulator.http.get("/marketplace/one"), "Install")
    sent = press(emulator, page, "Send request")

    emulator.sign_in(ADA)
    management = emulator.http.get("/app-management")

    assert "Ada Example, Cleo Example" in sent.text
    assert permitted(emulator) is None
    assert "Ben Example" in management.text
    install_untouched(emulator)
    assert "Ben Example" not in emulator.http.get("/app-management").text


def test_an_admin_can_deny_a_request(emulator: Emulator) -> None:
    emulator.sign_in(BEN)
    emulator.http.post("/marketplace/one/request", data={"company": str(HARBOR), "note": "We need it"})
    emulator.sign_in(ADA)
    page = emulator.http.get("/app-management")

    after = press(emulator, page, "Deny")

    assert "We need it" in page.text
    assert "We need it" not in after.text


def test_a_member_cannot_install_by_a_forged_form(emulator: Emulator) -> None:
    emulator.sign_in(BEN)

    answer = emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR), "project": str(TOWER)})

    assert answer.status_code == 403
    assert permitted(emulator) is None


@pytest.mark.parametrize(("data", "status"), [({"company": "1"}, 404), ({}, 404), ({"company": str(QUAY)}, 404)])
def test_an_unknown_or_foreign_company_is_refused(emulator: Emulator, data: dict[str, str], status: int) -> None:
    emulator.sign_in(ADA)

    assert emulator.http.post("/marketplace/one/install", data=data).status_code == status


def test_projects_of_another_company_cannot_be_permitted(emulator: Emulator) -> None:
    emulator.sign_in(CLEO)

    answer = emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR), "project": [str(PIER)]})

    assert answer.status_code == 422
    assert permitted(emulator) is None


def test_someone_signed_out_or_without_a_company_is_told_what_to_do(emulator: Emulator) -> None:
    signed_out = emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR)})
    emulator.sign_in(NOBODY)
    alone = emulator.http.get("/marketplace/one/install")

    assert (signed_out.status_code, alone.status_code) == (401, 403)
    assert "belong to no company" in alone.text


def test_an_installed_app_says_so_and_keeps_the_setup_link(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    install_untouched(emulator)

    page = press(emulator, emulator.http.get("/marketplace/one"), "Install")

    assert "installed already" in page.text
    assert "App Setup Instructions" in read_page(page).links


def test_app_management_changes_permitted_projects_and_keeps_the_notes(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    install_untouched(emulator)
    found = emulator.store.installation("one", HARBOR)
    assert found is not None

    page = emulator.http.get(f"/app-management/{found.id}")
    emulator.http.post(f"/app-management/{found.id}/projects", data={"project": [str(SCHOOL)]})

    assert "One step is left." in page.text
    assert permitted(emulator) == [SCHOOL]


def test_uninstalling_and_re_installing_resets_the_permitted_projects(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    emulator.http.post("/marketplace/one/install", data={"company": str(HARBOR), "project": [str(SCHOOL)]})
    found = emulator.store.installation("one", HARBOR)
    assert found is not None

    asked = emulator.http.get(f"/app-management/{found.id}/uninstall")
    gone = press(emulator, asked, "Uninstall")
    after_uninstall = permitted(emulator)
    link = read_page(gone).links["Re-install"]["href"]
    page = press(emulator, emulator.http.get(link), "Continue")
    press(emulator, page, "Install")

    assert after_uninstall is None
    assert permitted(emulator) == [TOWER, TOWER_TWO, SCHOOL]


def test_only_admins_manage_apps(emulator: Emulator) -> None:
    installation = emulator.install()["id"]
    emulator.sign_in(BEN)

    assert emulator.http.get("/app-management").status_code == 403
    assert emulator.http.get(f"/app-management/{installation}").status_code == 404
    assert emulator.http.post(f"/app-management/{installation}/uninstall").status_code == 404
    assert permitted(emulator) is not None


def test_an_admin_of_one_company_does_not_manage_another(emulator: Emulator) -> None:
    installation = emulator.install(QUAY)["id"]
    emulator.sign_in(ADA)

    assert emulator.http.get("/app-management", params={"company": QUAY}).status_code == 404
    assert emulator.http.post(f"/app-management/{installation}/projects").status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/marketplace/unknown", "/app-management/1"])
def test_an_unknown_page_is_a_page_too(emulator: Emulator, path: str) -> None:
    emulator.sign_in(ADA)

    page = emulator.http.get(path)

    assert page.status_code == 404
    assert "Back to the marketplace" in page.text


def test_signing_out_forgets_the_person(emulator: Emulator) -> None:
    emulator.sign_in(ADA)
    emulator.http.post("/logout")

    assert "Ada Example" not in emulator.http.get("/marketplace").text


def test_pages_load_nothing_from_elsewhere(emulator: Emulator) -> None:
    page = emulator.http.get("/marketplace")

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "http://" not in page.text
    assert "https://" not in page.text
