"""What the script of the mapping page promises: at once for the eye, in order for the server, never lost."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.app.ui import samples
from tests.app.ui.mapping_server import MappingServer

from smartapp_http import views as v

pytestmark = pytest.mark.journey

EAGLE = "THE EAGLE ACADEMY FOR YOUNG MEN OF STATEN ISLAND -"
NEWTOWN = "NEWTOWN HS - QUEENS"


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.get_by_role("status")


@pytest.fixture
def mapping(page: Page, server: MappingServer) -> Page:
    blocked: list[str] = []
    page.on("console", lambda m: blocked.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(f"{server.url}/projects")
    expect(status(page)).to_contain_text("0 projects, 0 Planner, 0 Safety")
    assert not blocked
    return page


def test_a_chain_of_quick_ticks_arrives_complete_and_in_order(mapping: Page, server: MappingServer) -> None:
    for name in (EAGLE, f"Planner, {EAGLE}", f"Planner Board, {EAGLE}", f"Safety, {EAGLE}"):
        box(mapping, name).check()

    expect(status(mapping)).to_contain_text("1 project, 1 Planner, 1 Safety")
    ticks = [(fields["product"][0], fields["on"]) for _, fields, _ in server.posts]
    assert ticks == [("", ["1"]), ("planner", ["1"]), ("planner_board", ["1"]), ("safety", ["1"])]
    assert [sorted(fields) for _, fields, _ in server.posts] == [["on", "product", "project"]] * 4
    assert {token for _, _, token in server.posts} == {samples.chrome().csrf_token}


def test_boxes_follow_the_chain_before_the_server_answers(mapping: Page, server: MappingServer) -> None:
    server.hold.clear()

    box(mapping, NEWTOWN).check()
    box(mapping, f"Planner, {NEWTOWN}").check()
    expect(box(mapping, f"Planner Board, {NEWTOWN}")).to_be_enabled()
    expect(box(mapping, f"Safety Badge, {NEWTOWN}")).to_be_disabled()
    box(mapping, NEWTOWN).uncheck()

    expect(box(mapping, f"Planner, {NEWTOWN}")).to_be_disabled()
    expect(box(mapping, f"Planner, {NEWTOWN}")).not_to_be_checked()
    server.hold.set()
    server.wait_for_ticks(3)
    expect(status(mapping)).to_contain_text("0 projects")
    expect(box(mapping, NEWTOWN)).not_to_be_checked()
    assert server.draft == {}


def test_re_ticking_a_project_restores_nothing(mapping: Page) -> None:
    box(mapping, NEWTOWN).check()
    box(mapping, f"Safety, {NEWTOWN}").check()
    box(mapping, NEWTOWN).uncheck()
    box(mapping, NEWTOWN).check()

    expect(status(mapping)).to_contain_text("1 project, 0 Planner, 0 Safety")
    expect(box(mapping, f"Safety, {NEWTOWN}")).not_to_be_checked()


def test_focus_stays_on_the_box_that_was_used(mapping: Page, server: MappingServer) -> None:
    box(mapping, NEWTOWN).focus()
    mapping.keyboard.press("Space")

    expect(status(mapping)).to_contain_text("1 project")
    expect(mapping.get_by_label(f"Smartapp project for {NEWTOWN}")).to_be_visible()
    expect(box(mapping, NEWTOWN)).to_be_focused()
    assert len(server.posts) == 1


def test_enter_ticks_a_box_and_does_not_send_the_page(mapping: Page, server: MappingServer) -> None:
    box(mapping, NEWTOWN).focus()
    mapping.keyboard.press("Enter")

    expect(status(mapping)).to_contain_text("1 project")
    assert [path for path, _, _ in server.posts] == [v.paths.TICKS]


def test_select_all_ticks_the_page_and_shows_when_only_some_are(mapping: Page, server: MappingServer) -> None:
    everything = mapping.get_by_label("Select all 8 projects on this page")

    everything.check()
    expect(status(mapping)).to_contain_text("8 projects")
    box(mapping, EAGLE).uncheck()
    expect(status(mapping)).to_contain_text("7 projects")

    assert everything.evaluate("box => box.indeterminate && !box.checked")
    assert len(server.draft) == 7


@pytest.mark.parametrize("name", [samples.LOCKED_NAME, f"Safety, {samples.LOCKED_NAME}"])
def test_an_attempt_to_edit_a_licensed_row_answers_with_the_toast(
    mapping: Page, server: MappingServer, name: str
) -> None:
    before = box(mapping, name).is_checked()

    box(mapping, name).focus()
    mapping.keyboard.press("Space")
    mapping.keyboard.press("Space")

    toast = mapping.get_by_role("alert")
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text(samples.locked_toast(samples.LOCKED_NAME).message)
    link = toast.get_by_role("link", name="Project Central → Manage Subscriptions")
    expect(link).to_have_attribute("href", f"{v.paths.MANAGE}?project=12")
    assert box(mapping, name).is_checked() is before
    assert server.posts == []
    toast.get_by_role("button", name="Close message").click()
    expect(toast).to_have_count(0)


def test_what_the_server_refuses_goes_back_and_says_why(mapping: Page, server: MappingServer) -> None:
    server.refuse = True

    box(mapping, NEWTOWN).click()

    expect(mapping.get_by_role("alert")).to_contain_text(f"{NEWTOWN} is already licensed.")
    expect(box(mapping, NEWTOWN)).not_to_be_checked()


def test_a_tick_that_was_not_saved_goes_back_and_says_so(mapping: Page, server: MappingServer) -> None:
    server.fail = True

    box(mapping, NEWTOWN).click()

    expect(mapping.get_by_role("alert")).to_contain_text("Your last tick was not saved.")
    expect(box(mapping, NEWTOWN)).not_to_be_checked()
    server.fail = False
    box(mapping, NEWTOWN).check()
    expect(status(mapping)).to_contain_text("1 project")


def test_next_waits_for_the_last_tick(mapping: Page, server: MappingServer) -> None:
    server.hold.clear()
    box(mapping, NEWTOWN).check()
    box(mapping, f"Planner, {NEWTOWN}").check()
    mapping.get_by_role("button", name="Next", exact=True).click()
    assert len(server.posts) == 1

    server.hold.set()

    expect(mapping.get_by_role("heading", name="Went on")).to_be_visible()
    assert [path for path, _, _ in server.posts] == [v.paths.TICKS, v.paths.TICKS, v.paths.NEXT]


def test_a_reload_takes_the_waiting_ticks_along(mapping: Page, server: MappingServer) -> None:
    server.hold.clear()
    box(mapping, NEWTOWN).check()
    box(mapping, f"Planner, {NEWTOWN}").check()
    mapping.evaluate("setTimeout(() => location.reload())")
    mapping.wait_for_event("load")
    server.hold.set()
    server.wait_for_ticks(2)
    mapping.reload()

    expect(status(mapping)).to_contain_text("1 project, 1 Planner, 0 Safety")


def test_choosing_an_existing_project_is_saved_at_once(mapping: Page, server: MappingServer) -> None:
    box(mapping, NEWTOWN).check()
    with mapping.expect_response(lambda r: r.url.endswith(v.paths.TARGETS)):
        mapping.get_by_label(f"Smartapp project for {NEWTOWN}").select_option("p-7")

    path, fields, _ = server.posts[-1]
    assert (path, fields["target"]) == (v.paths.TARGETS, ["p-7"])


def test_a_complaint_leaves_the_page_when_its_last_row_is_settled(page: Page, server: MappingServer) -> None:
    server.tick("4294967303", "", on=True)
    server.tick("4294967305", "", on=True)
    server.complains = True
    page.goto(f"{server.url}/projects")
    complaint = page.get_by_role("alert").filter(has_text="2 without a module")
    expect(complaint.get_by_role("listitem")).to_have_count(2)
    expect(complaint).to_be_focused()

    box(page, f"Planner, {NEWTOWN}").check()
    expect(complaint.get_by_role("listitem")).to_have_count(1)
    box(page, EAGLE).uncheck()

    expect(complaint).to_have_count(0)


def test_the_list_follows_the_search_while_typing_and_ticks_stay(mapping: Page, server: MappingServer) -> None:
    box(mapping, NEWTOWN).check()
    expect(status(mapping)).to_contain_text("1 project")

    mapping.get_by_role("searchbox").press_sequentially("newtown")

    expect(mapping).to_have_url(re.compile("q=newtown"))
    assert server.searches[-1] == "show=all&q=newtown&sort=name"
    expect(box(mapping, NEWTOWN)).to_be_checked()
    expect(mapping.get_by_role("searchbox")).to_be_focused()


def test_a_list_that_was_read_meanwhile_shows_itself_but_not_while_somebody_types(
    page: Page, server: MappingServer
) -> None:
    server.reading = True
    page.goto(f"{server.url}/projects")
    search = page.get_by_role("searchbox")
    search.press_sequentially("newtown")
    expect(page).to_have_url(re.compile("q=newtown"))

    page.wait_for_timeout(5_000)  # longer than between two looks of the page
    assert server.reading

    search.blur()
    expect(page.get_by_text("Read from Procore just now.")).to_be_visible()


REFUSED = "The invitation is for pat@kestrel.example, but you signed in as morgan@kestrel.example."


def test_a_warning_outlives_the_reload_of_the_page_until_the_person_goes_on(page: Page, server: MappingServer) -> None:
    server.reading, server.flashed = True, (v.Toast(REFUSED, tone=v.Tone.WARN), v.Toast("Saved.", tone=v.Tone.OK))
    page.goto(f"{server.url}/projects")
    expect(page.get_by_text(REFUSED)).to_be_visible()

    expect(page.get_by_text("Reading your projects")).to_be_hidden(timeout=10_000)

    assert not server.reading
    expect(page.get_by_text(REFUSED)).to_be_visible()
    expect(page.get_by_text("Saved.")).to_be_hidden()
    page.get_by_role("link", name="Project Central").first.click()
    expect(page.get_by_text(REFUSED)).to_be_hidden()


def test_a_warning_that_was_closed_does_not_come_back_with_the_reload(page: Page, server: MappingServer) -> None:
    server.reading, server.flashed = True, (v.Toast(REFUSED, tone=v.Tone.WARN),)
    page.goto(f"{server.url}/projects")

    page.get_by_role("button", name="Close message").click()

    expect(page.get_by_text("Reading your projects")).to_be_hidden(timeout=10_000)
    expect(page.get_by_text(REFUSED)).to_be_hidden()


def test_a_page_that_reads_anew_by_itself_lets_go_who_has_followed_a_link(page: Page, server: MappingServer) -> None:
    server.reading = True
    page.goto(f"{server.url}/projects")
    server.hold.clear()
    page.get_by_role("link", name="Project Central").first.evaluate("link => setTimeout(() => link.click())")
    page.wait_for_timeout(4_000)  # longer than it takes to ask again

    server.hold.set()

    expect(page.get_by_role("heading", name="Went on")).to_be_visible()


def test_changing_the_interval_swaps_the_offer_and_keeps_the_focus(page: Page, server: MappingServer) -> None:
    page.goto(f"{server.url}{v.paths.SUBSCRIPTIONS}")
    page.get_by_role("radio", name="Yearly").focus()

    page.keyboard.press("ArrowRight")

    expect(page.locator("input[name=fingerprint]")).to_have_value("month")
    expect(page.get_by_role("radio", name="Monthly")).to_be_focused()
    expect(page.locator(".lead")).to_have_text("4 projects, paid by the month.")
    expect(page.get_by_role("heading", name="Not at this moment")).to_be_visible()


def test_checkout_right_after_a_change_of_interval_buys_the_new_one(page: Page, server: MappingServer) -> None:
    page.goto(f"{server.url}{v.paths.SUBSCRIPTIONS}")
    server.hold.clear()
    page.get_by_role("radio", name="Monthly").check()
    page.get_by_role("button", name="Checkout", exact=True).click()

    server.hold.set()

    expect(page.get_by_role("heading", name="Went on")).to_be_visible()
    path, fields, _ = server.posts[-1]
    assert (path, fields["interval"], fields["fingerprint"]) == (v.paths.CHECKOUT, ["month"], ["month"])
    assert len(server.posts) == 2


def test_checkout_pressed_twice_is_sent_once(page: Page, server: MappingServer) -> None:
    page.goto(f"{server.url}{v.paths.SUBSCRIPTIONS}")
    server.hold.clear()

    page.get_by_role("button", name="Checkout", exact=True).dblclick(no_wait_after=True)
    server.hold.set()

    expect(page.get_by_role("heading", name="Went on")).to_be_visible()
    assert len(server.posts) == 1


def test_without_script_the_same_page_is_a_form(browser: Browser, server: MappingServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/projects")

    expect(page.get_by_label("Select all 8 projects on this page")).to_be_hidden()
    page.get_by_role("checkbox", name=NEWTOWN, exact=True).check()
    page.get_by_role("button", name="Save ticks").click()

    path, fields, _ = server.posts[-1]
    assert path == v.paths.SAVE
    assert fields["whole_page"] == ["1"]
    assert "4294967303" in fields["project"]
    assert len(fields["shown"]) == 11
    context.close()
