import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS, Surfer, field, words

from smartapp_adapters.storage import KEY_BYTES, Keys, SqlStorage
from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.ports.platform import PersonGrant, PlatformUnavailable, SignIn
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.secret import hashed
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.sessions import SIGN_IN_TIME, NotSignedIn, Sessions, Visitor


def test_the_session_cookie_holds_a_secret_the_database_does_not_know(owner: Surfer, bench: Workbench) -> None:
    secret = owner.client.cookies["smartapp_session"]

    with bench.ports.reading(OPERATOR) as reading:
        assert reading.sessions.get(secret) is None
        session = reading.sessions.get(hashed(secret))
    assert session is not None
    assert session.grant is None


def test_the_session_cookie_is_not_for_scripts_nor_for_other_sites(stranger: Surfer) -> None:
    cookie = stranger.get("/sign-in").headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_signing_in_changes_the_secret(stranger: Surfer, dana: PlatformUserId) -> None:
    state = stranger.start_sign_in()
    planted = stranger.client.cookies["smartapp_session"]

    stranger.come_back(dana, state)

    assert stranger.client.cookies["smartapp_session"] != planted
    stranger.client.cookies.set("smartapp_session", planted, domain="testserver.local", path="/")
    assert stranger.get("/central").headers["location"].startswith("/setup")


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_this_browser_was_not_given_is_refused(stranger: Surfer, dana: PlatformUserId, state: str) -> None:
    stranger.start_sign_in()

    answer = stranger.come_back(dana, state)

    assert answer.status_code == 400
    assert "This sign-in was started elsewhere, took too long or was used already." in words(answer)


def test_a_state_counts_once(stranger: Surfer, dana: PlatformUserId) -> None:
    state = stranger.start_sign_in()
    stranger.come_back(dana, state)

    assert stranger.come_back(dana, state).status_code == 400


def test_another_browser_cannot_finish_a_sign_in(anybody: Callable[[], Surfer], dana: PlatformUserId) -> None:
    victim, attacker = anybody(), anybody()

    answer = victim.come_back(dana, attacker.start_sign_in())

    assert answer.status_code == 400
    assert victim.get("/central").headers["location"].startswith("/setup")


def test_saying_no_at_the_platform_is_told_plainly(stranger: Surfer) -> None:
    state = stranger.start_sign_in()

    answer = stranger.get(f"/sign-in/callback?error=access_denied&state={state}")

    assert answer.status_code == 403
    assert "You chose Deny in Procore" in words(answer)


def test_a_used_up_code_is_told_plainly(stranger: Surfer, dana: PlatformUserId, bench: Workbench) -> None:
    code = bench.world.authorize(Module.PLANNER, dana)
    stranger.get(f"/sign-in/callback?code={code}&state={stranger.start_sign_in()}")

    answer = stranger.get(f"/sign-in/callback?code={code}&state={stranger.start_sign_in()}")

    assert answer.status_code == 400
    assert "The code was used up or is unknown. Sign in again. Nothing was changed." in words(answer)


def test_a_platform_that_is_down_says_when_to_try_again(
    stranger: Surfer, dana: PlatformUserId, bench: Workbench
) -> None:
    state = stranger.start_sign_in()
    bench.world.trouble = PlatformUnavailable("Procore is down.", remedy="Try again later.", retry_after_s=90)

    answer = stranger.come_back(dana, state)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "90"
    assert "Procore is down. Try again later." in words(answer)


def test_one_company_is_entered_without_asking(stranger: Surfer, dana: PlatformUserId) -> None:
    assert stranger.come_back(dana, stranger.start_sign_in()).headers["location"] == "/projects"


def test_of_several_companies_one_is_chosen_and_the_others_are_not_touched(
    stranger: Surfer, bench: Workbench, dana: PlatformUserId
) -> None:
    other = bench.company("88", "Harbor")
    bench.world.join(dana, other, admin=True)
    page = stranger.follow(stranger.come_back(dana, stranger.start_sign_in()))
    assert "Choose a company" in words(page)
    assert bench.world.calls == ["redeem", "person", "companies"]

    answer = stranger.post("/companies", company=other)

    assert answer.headers["location"] == "/projects"
    bench.work()
    assert "Harbor" in words(stranger.get("/projects"))
    assert 'aria-label="Company: Company 88. Change company"' in stranger.get("/projects").text
    assert stranger.get("/companies").headers["location"] == "/sign-in"


@pytest.mark.parametrize("chosen", ["", "99", "unknown"])
def test_a_company_that_is_not_the_persons_is_refused_like_none_at_all(
    stranger: Surfer, bench: Workbench, dana: PlatformUserId, chosen: str
) -> None:
    bench.company("99", "Secret")
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    stranger.come_back(dana, stranger.start_sign_in())

    answer = stranger.post("/companies", company=chosen)

    assert answer.status_code == 422
    assert "Choose one of your companies." in words(answer)
    assert "is_company_admin" not in bench.world.calls


def test_when_only_the_other_app_is_installed_the_sign_in_starts_again_through_it(
    stranger: Surfer, bench: Workbench, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    bench.world.uninstall(company, Module.PLANNER)
    stranger.come_back(dana, stranger.start_sign_in())

    answer = stranger.post("/companies", company=company)

    assert answer.headers["location"].startswith("https://platform.test/authorize?app=safety&state=")
    state = answer.headers["location"].rpartition("=")[2]
    assert stranger.come_back(dana, state, Module.SAFETY).headers["location"] == "/projects"


def test_without_any_app_the_page_says_what_to_install_and_looks_again(
    stranger: Surfer, bench: Workbench, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    for app in Module:
        bench.world.uninstall(company, app)

    answer = stranger.come_back(dana, stranger.start_sign_in())

    assert answer.status_code == 409
    assert "No Smartapp app is installed in Company 77 yet" in words(answer)
    assert "https://platform.test/marketplace" in answer.text
    assert stranger.post("/companies", company=field(answer, "company")).status_code == 409
    bench.world.install(company, Module.PLANNER)
    assert stranger.post("/companies", company=field(answer, "company")).headers["location"] == "/projects"


def test_an_address_enters_no_company(stranger: Surfer, bench: Workbench, dana: PlatformUserId) -> None:
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    stranger.come_back(dana, stranger.start_sign_in())

    page = stranger.get("/companies?company=88")

    assert "Choose a company" in words(page)
    assert stranger.api("GET", "/me").json()["account"] is None


def test_a_second_tab_at_the_sign_in_leaves_the_chooser_of_the_first_alone(
    stranger: Surfer, bench: Workbench, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    stranger.come_back(dana, stranger.start_sign_in())

    stranger.start_sign_in()

    assert "Company 77" in words(stranger.get("/companies"))
    assert stranger.post("/companies", company=company).headers["location"] == "/projects"


def test_a_sign_in_that_starts_again_has_all_its_time_again(stranger: Surfer, dana: PlatformUserId) -> None:
    stranger.start_sign_in()
    stranger.real.move(SIGN_IN_TIME - timedelta(minutes=1))
    state = stranger.start_sign_in()
    stranger.real.move(timedelta(minutes=2))

    assert stranger.come_back(dana, state).headers["location"] == "/projects"


def test_signing_in_again_shortens_no_session(owner: Surfer) -> None:
    owner.start_sign_in()
    owner.real.move(SIGN_IN_TIME + timedelta(minutes=1))

    assert owner.get("/central").status_code == 200


def test_no_session_lives_longer_because_a_sign_in_is_started(owner: Surfer) -> None:
    owner.real.move(SETTINGS.session_lifetime - timedelta(minutes=1))
    owner.start_sign_in()
    owner.real.move(timedelta(minutes=2))

    assert owner.get("/central").headers["location"].startswith("/setup")


@attrs.define
class EndedMeanwhile:
    """The platform, which somebody signed out everywhere while it was asked."""

    platform: SignIn
    sign_out: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)

    def projects(self, grant: PersonGrant, company_id: PlatformCompanyId) -> Any:
        self.sign_out()
        return self.platform.projects(grant, company_id)


def test_a_session_that_is_ended_while_it_enters_a_company_stays_ended(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, dana: PlatformUserId, server: TestClient[Litestar]
) -> None:
    bench.world.join(dana, bench.company("88", "Harbor"), admin=True)
    thief, site = anybody(), server.app.state.site
    thief.come_back(dana, thief.start_sign_in())
    slow = EndedMeanwhile(site.ports.sign_in, lambda: owner.post("/account/sign-out-everywhere"))
    server.app.state.update(site=attrs.evolve(site, ports=attrs.evolve(site.ports, sign_in=slow)))

    answer = thief.post("/companies", company="88")

    assert answer.headers["location"].startswith("/setup?note=ended")
    assert thief.get("/central").headers["location"].startswith("/setup?note=ended")
    assert owner.get("/central").status_code == 200


@pytest.mark.parametrize(
    "go_on",
    [
        lambda sessions, visitor, secret, _: sessions.begin(visitor, secret, Module.PLANNER, next_path=None),
        lambda sessions, visitor, _, state: sessions.take_state(visitor.session, state),
    ],
    ids=["begin", "take_state"],
)
def test_a_session_that_is_ended_during_a_sign_in_stays_ended(
    owner: Surfer, bench: Workbench, go_on: Callable[[Sessions, Visitor, str, str], object]
) -> None:
    sessions = Sessions(bench.ports, SETTINGS, owner.real.now)
    state, secret = owner.start_sign_in(), owner.client.cookies["smartapp_session"]
    visitor = sessions.visitor(secret)
    sessions.end(visitor)

    with pytest.raises(NotSignedIn):
        go_on(sessions, visitor, secret, state)

    assert sessions.visitor(secret) == Visitor()


def test_an_invitation_is_for_the_sign_in_it_started_and_not_for_the_next_person_at_this_browser(
    owner: Surfer, stranger: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    page = owner.post("/members/invite", email="zoe@example.com", role="super_admin")
    link = re.search(r"/invitation/([\w-]+)", page.text)
    assert link is not None
    stranger.get(f"/sign-in?invitation={link.group(1)}")

    landed = stranger.sign_in(bench.employ(company, "yan"))

    assert "zoe@" not in words(landed)


def test_an_invitation_holds_when_the_sign_in_starts_again_through_the_other_app(
    owner: Surfer, stranger: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    page = owner.post("/members/invite", email="zoe@example.com", role="super_admin")
    link = re.search(r"/invitation/([\w-]+)", page.text)
    assert link is not None
    zoe = bench.employ(company, "zoe")
    bench.world.uninstall(company, Module.PLANNER)

    again = stranger.come_back(zoe, stranger.start_sign_in(f"/sign-in?invitation={link.group(1)}"))
    stranger.come_back(zoe, again.headers["location"].rpartition("=")[2], Module.SAFETY)

    assert stranger.api("GET", "/me").json()["account"]["role"] == "super_admin"


def test_a_session_whose_key_is_gone_is_none_and_is_dropped(owner: Surfer, storage: SqlStorage) -> None:
    id = hashed(owner.client.cookies["smartapp_session"])
    grant = PersonGrant(Module.PLANNER, "access", owner.real.now())
    with storage.reading(OPERATOR) as reading:
        session = reading.sessions.get(id)
    assert session is not None
    with SqlStorage(storage.database, Keys("lost", {"lost": bytes(KEY_BYTES)})).transaction(OPERATOR) as tx:
        tx.sessions.replace(attrs.evolve(session, grant=grant))

    answers = [owner.get(path).status_code for path in ("/setup", "/help", "/sign-in", "/central")]

    assert answers == [200, 200, 303, 303]
    with storage.reading(OPERATOR) as reading:
        assert reading.sessions.get(id) is None


def test_a_person_without_a_company_is_told_so(stranger: Surfer, bench: Workbench) -> None:
    alone = bench.world.add_person("alone", "Al One", "alone@example.com")

    page = stranger.follow(stranger.come_back(alone, stranger.start_sign_in()))

    assert "You belong to no company in Procore" in words(page)


def test_going_back_after_signing_out_says_that_one_signed_out(owner: Surfer, dana: PlatformUserId) -> None:
    owner.post("/sign-out")

    page = owner.follow(owner.get("/central"))

    assert "You signed out. Continue with Procore to go on where you were" in words(page)
    assert "has ended" not in words(page)
    owner.sign_in(dana)
    owner.real.move(SETTINGS.session_lifetime)
    assert "Your sign-in has ended" in words(owner.follow(owner.get("/central")))


def test_an_expired_sign_in_is_told_and_leads_back_to_the_page(owner: Surfer) -> None:
    owner.real.move(SETTINGS.session_lifetime)

    answer = owner.get("/central?q=tower")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/setup?note=ended&next=%2Fcentral%3Fq%3Dtower"
    landing = owner.follow(answer)
    assert "Your sign-in has ended." in words(landing)
    assert "/sign-in?next=%2Fcentral%3Fq%3Dtower" in landing.text


def test_after_signing_in_again_one_is_where_one_was(owner: Surfer, dana: PlatformUserId) -> None:
    owner.real.move(SETTINGS.session_lifetime)

    answer = owner.come_back(dana, owner.start_sign_in("/sign-in?next=%2Fcentral%3Fq%3Dtower"))

    assert answer.headers["location"] == "/central?q=tower"


def test_an_expired_sign_in_changes_nothing_and_htmx_is_sent_to_sign_in(owner: Surfer) -> None:
    project = owner.ids()[0]
    owner.real.move(SETTINGS.session_lifetime)

    answer = owner.htmx("/projects/ticks", project=project, product="", on="1", at="/projects?page=2")

    assert answer.headers["hx-redirect"] == "/setup?note=ended&next=%2Fprojects%3Fpage%3D2"
    assert answer.text == ""


def test_an_expired_sign_in_is_401_for_programs(owner: Surfer) -> None:
    owner.real.move(SETTINGS.session_lifetime)

    answer = owner.api("GET", "/projects")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["reason"] == "not_signed_in"


def test_the_demo_clock_signs_nobody_out(owner: Surfer, bench: Workbench) -> None:
    bench.clock.move(timedelta(days=400))

    assert owner.get("/central").status_code == 200


@pytest.mark.parametrize(
    "next_path", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/a\nb"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(stranger: Surfer, dana: PlatformUserId, next_path: str) -> None:
    state = stranger.start_sign_in(f"/sign-in?next={quote(next_path, safe='')}")

    assert stranger.come_back(dana, state).headers["location"] == "/projects"


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/central?q=日", "/central?q=%E6%97%A5"),
        ("/members/日", "/members/%E6%97%A5"),
        ("/central?q=%C3%A9", "/central?q=%C3%A9"),
        ("/central?q=é", "/central?q=%C3%A9"),
        ("/central?q=" + "%E6%97%A5" * 200, "/central?q=" + "%E6%97%A5" * 200),
        ("/central?q=" + "%E6%97%A5" * 300, "/projects"),
    ],
    ids=["beyond latin-1", "a path", "quoted", "latin-1", "the longest search", "longer than any of ours"],
)
def test_whatever_letters_the_page_has_in_its_address_one_comes_back_to_it(
    stranger: Surfer, dana: PlatformUserId, wanted: str, landed: str
) -> None:
    landing = stranger.get(f"/setup?next={quote(wanted, safe='')}")
    link = re.search(r'href="(/sign-in[^"]*)"', landing.text)
    assert link is not None

    answer = stranger.come_back(dana, stranger.start_sign_in(unescape(link.group(1))))

    assert (answer.status_code, answer.headers["location"]) == (303, landed)


def test_signing_out_ends_the_session_on_the_server(owner: Surfer) -> None:
    secret = owner.client.cookies["smartapp_session"]

    answer = owner.post("/sign-out")

    assert "You are signed out" in words(owner.follow(answer))
    owner.client.cookies.set("smartapp_session", secret, domain="testserver.local", path="/")
    assert owner.get("/central").status_code == 303


def test_a_later_colleague_joins_the_same_account(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    lee, luis = anybody(), anybody()

    lee.sign_in(bench.employ(company, "lee", admin=True))
    landed = luis.sign_in(bench.employ(company, "luis"))

    assert lee.api("GET", "/me").json()["account"] == {
        **owner.api("GET", "/me").json()["account"],
        "role": "admin",
    }
    assert "Project Central" in words(landed)
    assert luis.api("GET", "/me").json()["account"]["role"] == "team_member"


def test_without_a_cookie_a_page_also_says_that_the_sign_in_ended(stranger: Surfer) -> None:
    answer = stranger.get("/central?q=tower")

    assert answer.headers["location"] == "/setup?note=ended&next=%2Fcentral%3Fq%3Dtower"
    assert "Your sign-in has ended." in words(stranger.follow(answer))
    assert "Your sign-in has ended." not in words(stranger.follow(stranger.get("/")))


@pytest.mark.parametrize("path", ["/projects/next", "/central/add", "/companies", "/sign-out"])
def test_a_form_without_any_cookie_says_that_the_sign_in_ended(stranger: Surfer, path: str) -> None:
    answer = stranger.client.post(path, data={"_csrf_token": "old"}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/setup?note=ended"


def test_htmx_without_any_cookie_is_sent_to_sign_in(stranger: Surfer) -> None:
    headers = {"hx-request": "true", "hx-current-url": f"{BASE}/projects?page=2"}

    answer = stranger.client.post("/projects/ticks", data={"on": "1"}, headers=headers)

    assert answer.headers["hx-redirect"] == "/setup?note=ended&next=%2Fprojects%3Fpage%3D2"


def test_a_program_without_any_cookie_gets_401_rather_than_a_word_about_tokens(stranger: Surfer) -> None:
    answer = stranger.client.post("/api/v1/projects/refresh")

    assert answer.status_code == 401
    assert answer.json()["reason"] == "not_signed_in"


def test_no_company_is_chosen_beforehand(stranger: Surfer, bench: Workbench) -> None:
    morgan = bench.employ(bench.company("1", "A"), "morgan")
    bench.world.join(morgan, bench.company("2", "B"))

    chooser = stranger.follow(stranger.come_back(morgan, stranger.start_sign_in()))

    assert chooser.text.count('type="radio" name="company"') == 2
    assert " checked" not in chooser.text
