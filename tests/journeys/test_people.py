"""People with less, or with more, than one company of their own."""

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Demo
from tests.journeys.steps import install, sign_in

TWO_COMPANIES = "Morgan Reyes"
NOT_ADMIN = "Luis Ortega"


def test_a_person_of_two_companies_chooses_one(page: Page, demo: Demo) -> None:
    setup = install(page, demo, TWO_COMPANIES)
    sign_in(setup, TWO_COMPANIES, company="Kestrel Builders")

    expect(setup.get_by_role("banner")).to_contain_text("Kestrel Builders")
    setup.get_by_role("banner").get_by_role("link", name=re.compile("company", re.IGNORECASE)).first.click()
    setup.get_by_role("button", name="Allow").click()  # another company needs a fresh yes
    setup.get_by_role("radio", name="Obras del Plata").check()
    setup.get_by_role("button", name="Continue").click()
    expect(setup.get_by_role("main")).to_contain_text("Obras del Plata")
    expect(setup.get_by_role("main")).to_contain_text("install")


def test_somebody_who_is_no_admin_can_only_ask_for_the_app(page: Page, demo: Demo) -> None:
    page.goto(demo.start)
    page.get_by_role("link", name="Smartapp Planner").first.click()
    page.get_by_role("button", name="Install").click()
    page.get_by_role("button", name=f"Continue as {NOT_ADMIN}").click()
    page.get_by_role("main").get_by_role("button").first.click()

    expect(page.get_by_role("main")).to_contain_text("Request sent")


def test_a_team_member_sees_project_central_and_who_may_buy(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, NOT_ADMIN)

    page.goto(f"{demo.app}/projects")
    expect(page.get_by_role("main")).to_contain_text("Team Member")
    page.goto(f"{demo.app}/central")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Project Central")
