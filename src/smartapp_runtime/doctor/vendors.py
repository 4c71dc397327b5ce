"""Procore and Stripe: do their hosts answer, do they accept us, would Stripe charge and notify as we expect."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import attrs
import httpx

from smartapp_adapters.billing import endpoint_problem
from smartapp_adapters.procore import check_credentials
from smartapp_domain.catalog import Module
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import PaymentError
from smartapp_domain.ports.platform import PlatformError
from smartapp_http.api.webhooks import PATH
from smartapp_runtime.doctor.findings import Finding, fine, skipped, wrong
from smartapp_runtime.parts.billing import payments, stripe_settings
from smartapp_runtime.parts.procore import procore_settings
from smartapp_runtime.settings import Settings, SettingsError

PROCORE: Final = "procore hosts"
PROCORE_APPS: Final = "procore credentials"
STRIPE: Final = "stripe host"
CATALOG: Final = "catalog"
WEBHOOK: Final = "webhook endpoint"
_LONGEST_WAIT_S: Final = 10.0


@attrs.frozen
class Told:
    """
    What a vendor's host said about the time.

    Attributes:
        theirs: Its `Date`, whole seconds.
        ours: Business time in the middle of the call.

    """

    host: str
    theirs: datetime
    ours: datetime


@attrs.define
class Vendors:
    """Looks at vendors, and keeps the times their hosts told for whoever checks the clock."""

    settings: Settings
    http: httpx.Client
    clock: Clock
    told: list[Told] = attrs.field(factory=list)

    def check_procore(self) -> Iterator[Finding]:
        try:
            procore = procore_settings(self.settings)
        except SettingsError as error:
            yield skipped(PROCORE, "Asked when the credentials are set.")
            yield wrong(PROCORE_APPS, _in_short(error), "Set what Procore's developer portal shows for both apps.")
            return
        silent = [problem for url in dict.fromkeys((procore.login_url, procore.api_url)) if (problem := self._ask(url))]
        if silent:
            fix = "Check this machine's network, proxy and firewall, and SMARTAPP_PROCORE_ENVIRONMENT."
            yield wrong(PROCORE, " ".join(silent), fix)
            yield skipped(PROCORE_APPS, "Whether Procore accepts them shows when it can be reached.")
            return
        yield fine(PROCORE, "Both hosts answer.")
        for app in Module:
            try:
                check_credentials(self.http, procore, self.clock, app)
            except PlatformError as error:
                fix = f"Compare SMARTAPP_PROCORE_{app.name}_CLIENT_ID and _SECRET with Procore's developer portal."
                yield wrong(PROCORE_APPS, str(error), fix)
            else:
                yield fine(PROCORE_APPS, f"Procore accepts those of Smartapp {app.label}.")

    def check_stripe(self) -> Iterator[Finding]:
        try:
            stripe = stripe_settings(self.settings)
        except SettingsError as error:
            yield wrong(STRIPE, _in_short(error), "Set a key of Stripe's dashboard, Developers, API keys.")
            yield skipped(CATALOG, "Shows when Stripe can be asked.")
            yield skipped(WEBHOOK, "Shows when Stripe can be asked.")
            return
        if problem := self._ask(stripe.api_base):
            yield wrong(STRIPE, problem, "Check this machine's network, proxy and firewall.")
            yield skipped(CATALOG, "Shows when Stripe can be reached.")
            yield skipped(WEBHOOK, "Shows when Stripe can be reached.")
            return
        yield fine(STRIPE, "It answers.")
        yield from self._catalog()
        yield from self._webhook()

    def _catalog(self) -> Iterator[Finding]:
        provider = payments(self.settings)
        try:
            drift = provider.catalog_drift(self.settings.price_book)
        except PaymentError as error:
            yield wrong(CATALOG, str(error), "Give a key that may read products and prices.")
            return
        finally:
            provider.close()
        if not drift:
            yield fine(CATALOG, f"Stripe charges what price book version {self.settings.price_book.version} says.")
            return
        first = drift[0]
        says = f"{len(drift)} differences; first {first.what}: we say {first.ours}, Stripe says {first.theirs}."
        yield wrong(CATALOG, says, "Run `smartapp catalog --publish`; until then nothing is sold.")

    def _webhook(self) -> Iterator[Finding]:
        fix = "Run `smartapp webhook`, and store the secret it prints."
        if self.settings.stripe_webhook_secret is None:
            yield wrong(WEBHOOK, "SMARTAPP_STRIPE_WEBHOOK_SECRET is not set, so every notice is refused.", fix)
            return
        try:
            problem = endpoint_problem(stripe_settings(self.settings), self.settings.site_url + PATH)
        except PaymentError as error:
            yield wrong(WEBHOOK, str(error), "Give a key that may read webhook endpoints.")
            return
        yield wrong(WEBHOOK, problem, fix) if problem else fine(WEBHOOK, "Stripe sends us what we listen to.")

    def _ask(self, url: str) -> str | None:
        """Return why a host does not answer; whatever it answers, it does."""
        asked = self.clock.now()
        try:
            answer = self.http.get(url, timeout=_LONGEST_WAIT_S, follow_redirects=False)
        except httpx.HTTPError as error:
            return f"{url} does not answer ({type(error).__name__})."
        answered = self.clock.now()
        if date := _date(answer.headers.get("Date", "")):
            self.told.append(Told(httpx.URL(url).host, date, asked + (answered - asked) / 2))
        return None


def _in_short(error: SettingsError) -> str:
    """Return which settings are missing, once each: the fix says what to do about all of them."""
    return " ".join(f"{p.partition(': ')[0]}." if " is not set: " in p else p for p in error.problems)


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None
