"""The whole purchase, page by page, without a browser."""

import re
from datetime import timedelta
from html import unescape

import attrs
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.ports.payments import PaymentsRejected
from smartapp_domain.testing.workbench import Workbench


def test_from_the_landing_page_to_licensed_projects(stranger: Surfer, bench: Workbench, dana: PlatformUserId) -> None:
    landing = stranger.get("/setup?app=planner")
    assert "Set up Smartapp Planner for Procore" in words(landing)
    assert "Continue with Procore" in words(landing)

    waiting = stranger.follow(stranger.come_back(dana, stranger.start_sign_in()))
    assert "Reading your projects from Procore" in words(waiting)
    bench.work()

    tottenville, flushing = _id_of(stranger, "TOTTENVILLE HS"), _id_of(stranger, "P.S. 26")
    assert "3 projects" not in words(stranger.tick(tottenville, "planner", "planner_board"))
    said = words(stranger.tick(flushing, "planner", "safety"))
    assert "2 projects, 2 Planner, 1 Safety" in said
    assert "1 Planner Board, 0 Safety Badge" in said
    assert "$1,185.00 a month or $14,220.00 a year" in said

    offer = stranger.follow(stranger.post("/projects/next"))
    assert "Review your subscription" in words(offer)
    assert "2 projects × $295.00 × 12 months" in words(offer)
    assert "$14,220.00" in words(offer)

    page = stranger.pay_page("month")
    back = stranger.get(f"/checkout/return?cs={page}")
    assert "Waiting for your payment" in words(back)
    bench.payments.pay(page)
    back = stranger.get(f"/checkout/return?cs={page}")
    assert "Payment received. Setting up your projects" in words(back)
    assert "0 of 2 projects ready" in words(back)
    assert "are licensed" not in words(stranger.get("/central"))

    bench.work()
    answer = stranger.get(f"/checkout/return?cs={page}")
    assert answer.headers["location"].startswith("/central?done=")
    central = words(stranger.follow(answer))
    assert "2 projects are licensed" in central
    assert "TOTTENVILLE HS" in central
    assert "Planner & Safety" in central


def test_a_notice_of_the_provider_fulfills_while_nobody_looks(owner: Surfer, bench: Workbench) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "safety")
    bench.payments.pay(owner.pay_page())

    bench.deliver()
    bench.work()

    assert "P.S. 26" in words(owner.get("/central"))
    assert "1 project, 1 licensed" in words(owner.get("/central"))


def test_next_says_which_rows_lack_a_module_and_links_to_them(owner: Surfer) -> None:
    id = _id_of(owner, "P.S. 26")
    owner.tick(id)

    answer = owner.post("/projects/next")

    assert answer.headers["location"] == "/projects?check=1#problems"
    page = owner.follow(answer)
    assert "1 project needs a module" in words(page)
    assert "P.S. 26 has no module. Tick Planner or Safety, or untick the project." in words(page)
    assert f'<a href="#row-{id}">Go to the row</a>' in page.text


def test_a_row_without_a_module_on_another_page_is_found_by_its_number(owner: Surfer) -> None:
    id = _id_of(owner, "P.S. 26")
    owner.tick(id)

    page = owner.get("/projects?check=1&q=tottenville")

    link = re.search(r'href="([^"]+)">Find P\.S\. 26', page.text)
    assert link is not None
    assert link.group(1).endswith(f"#row-{id}")
    assert owner.ids(unescape(link.group(1))) == [id]


def test_a_row_in_no_list_any_more_is_unticked_from_the_message(
    owner: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    gone, stays = _id_of(owner, "P.S. 26"), _id_of(owner, "TOTTENVILLE HS")
    owner.tick(gone, "planner")
    owner.tick(stays, "planner")
    listed = bench.world.projects[company]
    listed[PlatformProjectId(gone)] = attrs.evolve(listed[PlatformProjectId(gone)], active=False)
    owner.post("/projects/refresh")
    bench.work()
    assert gone not in owner.ids()

    page = owner.follow(owner.post("/projects/next"))
    assert "P.S. 26 is inactive on the platform." in words(page)
    assert f"#row-{gone}" not in page.text
    form = re.search(r'<form class="is-inline" method="post" action="([^"]+)">(.*?)</form>', page.text, re.DOTALL)
    assert form is not None
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.group(2)))
    assert {name: said[name] for name in ("project", "product", "on")} == {"project": gone, "product": "", "on": "0"}
    after = owner.follow(owner.client.post(form.group(1), data=said))

    assert "1 project, 1 Planner, 0 Safety" in words(after)
    assert owner.post("/projects/next").headers["location"] == "/subscriptions"


def test_next_without_any_tick_says_so(owner: Surfer) -> None:
    assert "No project is ticked. Tick at least one project." in words(owner.follow(owner.post("/projects/next")))


def test_subscriptions_without_a_choice_leads_back_to_the_rows(owner: Surfer) -> None:
    assert owner.get("/subscriptions").headers["location"] == "/projects?check=1#problems"


def test_reading_18_yearly_is_preselected_and_monthly_is_one_click_away(owner: Surfer) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "planner")

    assert field(owner.get("/subscriptions"), "interval") == "year"
    monthly = owner.htmx("/subscriptions/interval", interval="month")
    assert monthly.headers["hx-replace-url"] == "/subscriptions?interval=month"
    assert "$295.00" in words(monthly)
    assert owner.post("/subscriptions/interval", interval="month").headers["location"] == (
        "/subscriptions?interval=month"
    )


def test_back_from_the_pay_page_nothing_is_charged_and_the_choice_is_kept(owner: Surfer) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "planner")
    owner.pay_page()

    page = owner.follow(owner.get("/checkout/canceled"))

    assert "Nothing was charged" in words(page)
    assert owner.pay_page() == "cs_1"  # the same page again: nobody pays twice


def test_reading_20_an_expired_pay_page_creates_nothing_and_offers_another_try(owner: Surfer, bench: Workbench) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "planner")
    page = owner.pay_page()
    bench.payments.expire(page)

    answer = owner.get(f"/checkout/return?cs={page}")

    assert "Nothing was charged" in words(answer)
    assert "Your selection is saved: 1 project, 1 Planner, 0 Safety" in words(answer)
    assert owner.pay_page() != page


def test_a_refused_bank_debit_is_told_as_such(owner: Surfer, bench: Workbench) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "planner")
    page = owner.pay_page()
    bench.payments.pay_by_bank(page)
    assert "Your bank is working on it" in words(owner.get(f"/checkout/return?cs={page}"))

    bench.payments.bank_answers(page, paid=False)

    answer = words(owner.get(f"/checkout/return?cs={page}"))
    assert "The payment did not work" in answer
    assert "Nothing was charged and nothing was created" in answer
    assert "0 projects, 0 licensed" in words(owner.get("/central"))


def test_a_set_up_that_waits_for_a_person_says_so_and_never_success(owner: Surfer, bench: Workbench) -> None:
    owner.tick(_id_of(owner, "P.S. 26"), "planner")
    page = owner.pay_page()
    bench.payments.pay(page)
    owner.get(f"/checkout/return?cs={page}")
    bench.payments.fail_next(PaymentsRejected("No.", remedy="Look."))
    bench.work()

    answer = words(owner.get(f"/checkout/return?cs={page}"))

    assert "Payment received. We are finishing your projects by hand" in answer
    assert "and quote id-" in answer


def test_the_second_visit_has_two_sections_and_locked_rows(owner: Surfer) -> None:
    id = _id_of(owner, "P.S. 26")
    owner.buy({id: ["planner"]})

    page = owner.get("/projects")

    assert "LICENSED 1 project" in words(page)
    assert "NOT LICENSED 3 projects" in words(page)
    assert "Licensed until" in words(page)
    assert re.search(rf'id="planner-{id}"[^>]*checked aria-disabled="true"', page.text)
    assert owner.ids("/projects?filter=planner") == [id]
    assert owner.ids("/projects?filter=safety") == []
    assert id not in owner.ids("/projects?filter=not-licensed")


def test_reading_02_and_01_the_other_app_opens_the_same_page_with_a_warning(
    stranger: Surfer, bench: Workbench, company: PlatformCompanyId, dana: PlatformUserId
) -> None:
    bench.world.uninstall(company, Module.PLANNER)

    page = stranger.sign_in(dana, Module.SAFETY)
    assert "Choose your projects" in words(page)
    stranger.tick(_id_of(stranger, "P.S. 26"), "planner")

    warned, offer = stranger.get("/projects"), stranger.get("/subscriptions")
    assert "The Planner app is not installed" in words(warned)
    assert "its data flows once the app is installed" in words(offer)
    for page in (warned, offer):
        warning = page.text[page.text.index('class="banner is-warn"') :].split("</section>")[0]
        assert 'href="https://platform.test/marketplace"' in warning
        assert '<form method="post" action="/projects/refresh">' in warning


def test_reading_again_moves_on_by_itself(owner: Surfer, bench: Workbench) -> None:
    bench.clock.move(timedelta(minutes=1))
    said = owner.follow(owner.post("/projects/refresh"))
    assert "This page shows what is new by itself." in words(said)
    assert 'hx-get="/projects/refresh"' in said.text

    waiting = owner.get("/projects/refresh", **{"hx-request": "true"})
    bench.work()
    done = owner.get("/projects/refresh", **{"hx-request": "true"})

    assert (waiting.status_code, waiting.headers.get("hx-refresh")) == (204, None)
    assert (done.status_code, done.headers.get("hx-refresh")) == (204, "true")
    assert 'hx-get="/projects/refresh"' not in owner.get("/projects").text
    assert owner.get("/projects/refresh").headers["location"] == "/projects"


def _id_of(surfer: Surfer, name: str) -> str:
    found = re.findall(
        rf'id="tick-(\d+)"[^>]*>\s*<span class="check-text">{re.escape(name)}<', surfer.get("/projects").text
    )
    assert found, f"No row is called {name}."
    return str(found[0])
