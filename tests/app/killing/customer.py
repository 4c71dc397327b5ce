"""
A customer at a browser whose site dies in the middle of things.

They do what people do then: look again, and press the button again while what they wanted is not there.
"""

import time
from collections.abc import Callable, Collection
from typing import Final

import attrs
import httpx
from tests.app.killing.site import Site
from tests.app.killing.world import Company
from tests.app.runtime.forms import Browser, TryAgain

CARD: Final = {"card_number": "4242 4242 4242 4242", "expiration": "12 / 40", "cvc": "123"}
#: More tries than a single kill can make necessary.
TRIES: Final = 6
#: More than that, and the site is not there at all.
_MOST_SETBACKS: Final = 100
#: How long somebody waits before they press again.
_PATIENCE_S: Final = 20.0
#: Whoever was away comes back after three minutes.
AWAY_S: Final = 180.0


class LostPatience(AssertionError):
    """Raised when trying again and again does not do; says what the last page said."""


@attrs.define
class Customer:
    """One admin of one company; `hurt` is called when the site was gone, `tend` while they wait: both bring it back."""

    site: Site
    company: Company
    name: str
    web: int
    hurt: Callable[[], None]
    tend: Callable[[], None]
    patience_s: float = _PATIENCE_S
    browser: Browser = attrs.Factory(Browser)

    def sign_in(self) -> None:
        self._until(self._enter, lambda: bool(self._shown()))

    def buy(self, project: int, *products: str) -> None:
        """Tick, check out and pay until the project is licensed."""
        self._until(lambda: self._purchase(project, products), lambda: self.holds(project))

    def stop_renewal(self, project: int, module: str) -> None:
        """Press until the page offers to undo it."""
        undo = f"Undo, renew it of {module}"
        self._until(lambda: self._press_on(project, f"Stop renewal of {module}"), lambda: self._offers(project, undo))

    def holds(self, project: int) -> bool:
        """Tell whether Project Central shows the project."""
        self._get(f"/central?q={self.company.name_of(project)}")
        return self._manage(project) is not None

    def _until(self, step: Callable[[], None], done: Callable[[], bool]) -> None:
        story: list[str] = []
        tries = 0
        while tries < TRIES and len(story) < _MOST_SETBACKS:
            try:
                step()
                arrived = self.browser.url
                if self._eventually(done):
                    return
                story.append(f"nothing came of {arrived}")
                tries += 1
            except httpx.ConnectError:  # nobody was there, so nothing was tried
                story.append("nobody there")
            except httpx.TransportError as error:
                story.append(f"cut off at {self.browser.url}: {type(error).__name__}")
                tries += 1
            except TryAgain as error:  # hours passed on the demo clock between two steps of one request
                story.append(str(error))
                tries += 1
            self.hurt()
        raise LostPatience(f"{'; '.join(story)}. {self.browser.url}: {self.browser.words[:1500]}")

    def _eventually(self, done: Callable[[], bool]) -> bool:
        given_up = time.monotonic() + self.patience_s
        while not done():
            if time.monotonic() > given_up:
                return False
            time.sleep(0.1)
            self.tend()
        return True

    def _enter(self) -> None:
        """Do what each page asks for, from the front door to the list of projects."""
        self._get("/setup?app=planner")
        for _ in range(20):
            texts = {" ".join("".join(button.text).split()) for button in self.browser.page.buttons}
            if self._shown():
                return
            if f"Continue as {self.name}" in texts:
                self.browser.press(f"Continue as {self.name}")
            elif "Allow" in texts:
                self.browser.press("Allow")
            elif any("Continue with Procore" in "".join(words) for _, words in self.browser.page.links):
                self.browser.follow("Continue with Procore")
            else:
                time.sleep(0.2)
                self._get("/projects")

    def _shown(self) -> bool:
        self._get("/projects") if "/projects" in self.browser.url else None
        return bool(self.browser.values("shown"))

    def _purchase(self, project: int, products: Collection[str]) -> None:
        if self.holds(project):
            return
        self._tick(project, products)
        self._get("/subscriptions")
        pay = next((text for text in self._buttons() if text == "Checkout" or text.startswith("Pay $")), None)
        if pay is None:
            return
        self.browser.press(pay)
        if self.browser.url.startswith(self.site.stripe) and "Pay" in self._buttons():
            self.browser.press("Pay", **CARD)

    def _tick(self, project: int, products: Collection[str]) -> None:
        self._get(f"/projects?q={self.company.name_of(project)}")
        if "Save ticks" not in self._buttons():
            return
        row = [str(project)]
        self.browser.press("Save ticks", project=row)
        self._get(f"/projects?q={self.company.name_of(project)}")
        if "Save ticks" in self._buttons():
            self.browser.press("Save ticks", project=row, **dict.fromkeys(products, row))

    def _press_on(self, project: int, button: str) -> None:
        self._get(self._page_of(project))
        if button in self._buttons():
            self.browser.press(button)

    def _offers(self, project: int, button: str) -> bool:
        self._get(self._page_of(project))
        return button in self._buttons()

    def _page_of(self, project: int) -> str:
        assert self.holds(project)
        return str(self._manage(project))

    def _manage(self, project: int) -> str | None:
        """Return where the project's tile on this page leads to its licenses."""
        wanted = f"Manage Subscriptions, {self.company.name_of(project)}"
        return next((href for href, words in self.browser.page.links if "".join(words).strip() == wanted), None)

    def _buttons(self) -> list[str]:
        return [" ".join("".join(button.text).split()) for button in self.browser.page.buttons]

    def _get(self, path: str) -> None:
        self.browser.get(f"{self.site.urls[self.web]}{path}")
