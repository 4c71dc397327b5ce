"""A browser without a screen: it keeps cookies, sends the form token, and knows what people do."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
from litestar import Litestar
from litestar.testing import TestClient

from smartapp_domain.catalog import Module
from smartapp_domain.ids import CheckoutId, PlatformUserId
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.clock_control import MovesForwardOnly
from smartapp_http.settings import HttpSettings

BASE = "http://testserver.local"
SETTINGS = HttpSettings(
    base_url=BASE,
    secret="only for tests, only for tests, only",
    form_action_hosts=("https://pay.test", "https://platform.test"),
    marketplace_url="https://platform.test/marketplace",
    app_management_url="https://platform.test/app-management",
)
_TAGS = re.compile(r"<[^>]+>")
_HIDDEN = re.compile(r"<(svg|script|style|template)\b.*?</\1>", re.DOTALL)


def words(answer: httpx.Response) -> str:
    """Return what can be read on a page, blanks evened out."""
    return " ".join(unescape(_TAGS.sub(" ", _HIDDEN.sub(" ", answer.text))).split()).replace(" .", ".")


def field(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, f"The page has no field {name}."
    return unescape(found.group(1))


class Wire(httpx.BaseTransport):
    """Leads many browsers, each with its own cookies, to one running application."""

    def __init__(self, server: TestClient[Litestar]) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._server._transport.handle_request(request)


@attrs.frozen
class MemoryControl:
    """The `ClockControl` port on a test's clock."""

    clock: MemoryClock

    def now(self) -> datetime:
        return self.clock.now()

    def move_to(self, moment: datetime) -> None:
        if moment < self.now():
            raise MovesForwardOnly(f"{moment} is past.")
        self.clock.move(moment - self.now())


@attrs.define
class Surfer:
    """Somebody at a browser, before our application on ports in memory."""

    client: httpx.Client
    bench: Workbench
    real: MemoryClock

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers, follow_redirects=False)

    def post(self, path: str, **fields: str | Sequence[str]) -> httpx.Response:
        """Submit a plain form, as a page without script does."""
        return self.client.post(path, data={**fields, "_csrf_token": self.token()}, follow_redirects=False)

    def htmx(self, path: str, *, at: str = "/projects", **fields: str | Sequence[str]) -> httpx.Response:
        """Send what htmx sends for a control on the page `at`."""
        headers = {"hx-request": "true", "hx-current-url": f"{BASE}{at}", "x-csrftoken": self.token()}
        return self.client.post(path, data=fields, headers=headers, follow_redirects=False)

    def api(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {} if method == "GET" else {"x-csrftoken": self.token()}
        sent: Mapping[str, Any] = {} if body is None else {"json": body}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **sent)

    def token(self) -> str:
        """Return the form token every page of this browser carries."""
        if "smartapp_csrf" not in self.client.cookies:
            self.get("/help")
        return self.client.cookies["smartapp_csrf"]

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go where an answer sends the browser, as long as that is one of our pages."""
        while "location" in answer.headers and not urlsplit(answer.headers["location"]).netloc:
            answer = self.get(answer.headers["location"])
        return answer

    def start_sign_in(self, path: str = "/sign-in?app=planner") -> str:
        """Go to the platform; returns the state it is given."""
        answer = self.get(path)
        assert answer.status_code == 303, words(answer)
        return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

    def come_back(self, user_id: PlatformUserId, state: str, app: Module = Module.PLANNER) -> httpx.Response:
        code = self.bench.world.authorize(app, user_id)
        return self.get(f"/sign-in/callback?code={code}&state={state}")

    def sign_in(self, user_id: PlatformUserId, app: Module = Module.PLANNER) -> httpx.Response:
        """Sign in, let the workers read the projects, and return the page one lands on."""
        answer = self.come_back(user_id, self.start_sign_in(f"/sign-in?app={app.value}"), app)
        self.bench.work()
        return self.follow(answer)

    def ids(self, path: str = "/projects") -> list[str]:
        """Return the platform ids of the rows of a page."""
        return re.findall(r'id="row-([^"]+)"', self.get(path).text)

    def tick(self, project: str, *products: str) -> httpx.Response:
        answer = self.htmx("/projects/ticks", project=project, product="", on="1")
        for product in products:
            answer = self.htmx("/projects/ticks", project=project, product=product, on="1")
        return answer

    def check_out(self, interval: str = "year") -> httpx.Response:
        """Press Checkout on the page that is shown; returns its answer."""
        page = self.get(f"/subscriptions?interval={interval}")
        fingerprint = field(page, "fingerprint")
        return self.post("/subscriptions/checkout", interval=interval, fingerprint=fingerprint)

    def pay_page(self, interval: str = "year") -> CheckoutId:
        answer = self.check_out(interval)
        assert answer.status_code == 303, words(answer)
        return CheckoutId(urlsplit(answer.headers["location"]).path.removeprefix("/"))

    def buy(self, wants: Mapping[str, Sequence[str]], interval: str = "year") -> CheckoutId:
        """Buy products for projects, by their platform ids, and let the workers set them up."""
        for project, products in wants.items():
            self.tick(project, *products)
        page = self.pay_page(interval)
        self.bench.payments.pay(page)
        self.get(f"/checkout/return?cs={page}")
        self.bench.work()
        return page
