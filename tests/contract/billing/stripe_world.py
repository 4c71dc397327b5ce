"""Our Stripe emulator, over real HTTP, with the people on its other side: they use pages and forms, as browsers do."""

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import attrs
import httpx

from smartapp_adapters.billing import StripePayments, StripeSettings
from smartapp_domain.billing import Checkout, InvoiceStatus
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.testing.builders import NOON
from smartapp_emulators.clock import ClockState, MovableClock

GOOD = "4242 4242 4242 4242"
GOOD_ONCE = "4000 0000 0000 0341"
CONFIRMED = "4000 0025 0000 3155"
DECLINED = "4000 0000 0000 0002"

_API_KEY = "sk_test_contract"


def settings(url: str, **changes: Any) -> StripeSettings:
    # No retries: their waits are real seconds, and one test of its own shows them.
    return attrs.evolve(StripeSettings(_API_KEY, api_base=url, retries=0), **changes)


@attrs.frozen
class StripeWorld:
    payments: StripePayments
    clock: MovableClock
    browser: httpx.Client
    payments_url: str

    def fresh(self) -> "StripeWorld":
        """Forget everything, and stand at noon."""
        self.control("reset")
        self.clock.restore(ClockState(frozen_at=NOON))
        return self

    def control(self, what: str, **wanted: Any) -> Any:
        return self.browser.post(f"/_emulator/{what}", json=wanted).raise_for_status().json()

    def move(self, by: timedelta) -> None:
        self.control("clock", advance_s=by.total_seconds())

    def pay(self, checkout: Checkout, *, lasts: bool = True) -> None:
        assert self._leads_away(self._submit(checkout, card(GOOD if lasts else GOOD_ONCE)))

    def decline(self, checkout: Checkout) -> None:
        answer = self._submit(checkout, card(DECLINED))
        assert not self._leads_away(answer)
        page = self.browser.get(answer.headers["location"]) if answer.has_redirect_location else answer
        assert "Your card was declined" in page.text

    def pay_by_bank(self, checkout: Checkout, *, covered: bool = True) -> None:
        form = {
            "method": "us_bank_account",
            "account_holder": "Acme Inc.",
            "routing_number": "110000000",
            "account_number": "000123456789" if covered else "000111111116",
        }
        assert self._leads_away(self._submit(checkout, form))

    def bank_answers(self, checkout: Checkout) -> None:
        session = self.api("GET", f"checkout/sessions/{checkout.id}")
        account = self.api("GET", "payment_methods", customer=session["customer"])["data"][0]["us_bank_account"]
        bounces = {"verdict": "insufficient_funds"} if account["last4"] == "1116" else {"verdict": "succeed"}
        self.control(f"checkout/{checkout.id}/settle", **bounces)

    def end_period(self, subscription_id: SubscriptionId) -> None:
        ends = self.payments.subscription(subscription_id).items[0].period_end
        self.move(ends - self.clock.now() + timedelta(hours=2))

    def pay_open_invoice(self, subscription_id: SubscriptionId) -> None:
        for invoice in self.payments.subscription(subscription_id).invoices:
            if invoice.status is InvoiceStatus.OPEN:
                assert self._submit_invoice(invoice.hosted_url or "", GOOD)
        self.change_card(subscription_id, "good")

    def stop_collecting(self, subscription_id: SubscriptionId) -> None:  # noqa: ARG002 - it does by itself in time
        self.move(timedelta(days=15))

    def change_card(self, subscription_id: SubscriptionId, card: str) -> None:
        customer = self.api("GET", f"subscriptions/{subscription_id}")["customer"]
        if card == "none":
            for method in self.api("GET", "payment_methods", customer=customer)["data"]:
                self.api("POST", f"payment_methods/{method['id']}/detach")
        else:
            verdict = {"good": None, "declines": "generic_decline", "confirms": "authentication_required"}[card]
            self.control(f"customers/{customer}/charges", verdict=verdict)

    def use_card_page(self, url: str) -> None:
        answer = self.browser.post(url, data=card(GOOD))
        assert "?try=" not in answer.headers["location"]

    def confirm(self, subscription_id: SubscriptionId) -> None:
        url = self.payments.subscription(subscription_id).invoices[-1].hosted_url or ""
        assert self._submit_invoice(url, CONFIRMED)
        assert self.browser.post(f"{url}/confirm", data={"result": "complete"}).has_redirect_location

    def pay_page(self, page: Checkout) -> bool:
        before = len(self.api("GET", "charges")["data"])
        assert self._submit_invoice(page.url, GOOD)
        return len(self.api("GET", "charges")["data"]) > before

    def cancel(self, subscription_id: SubscriptionId) -> None:
        self.api("DELETE", f"subscriptions/{subscription_id}")

    def api(self, method: str, path: str, **params: Any) -> Any:
        """Call the provider as somebody else would: an operator in the dashboard."""
        where = "params" if method == "GET" else "data"
        headers = {"Authorization": f"Bearer {_API_KEY}"}
        answer = self.browser.request(method, f"/v1/{path}", headers=headers, **{where: params})
        return answer.raise_for_status().json()

    def journal(self) -> list[dict[str, Any]]:
        """Return every API request since `fresh`, the oldest first."""
        rows: list[dict[str, Any]] = self.browser.get("/_emulator/journal").json()["requests"]
        return rows

    def _submit_invoice(self, url: str, number: str) -> bool:
        """Tell whether the page took the form; what became of it, the invoice tells."""
        return self.browser.post(url, data=card(number)).has_redirect_location

    def _submit(self, checkout: Checkout, form: dict[str, str]) -> httpx.Response:
        assert self.browser.get(checkout.url).status_code == 200
        return self.browser.post(checkout.url, data=form)

    def _leads_away(self, answer: httpx.Response) -> bool:
        """Tell whether the pay page is done with its visitor."""
        return answer.has_redirect_location and urljoin(self.payments_url, answer.headers["location"]).startswith(
            "http://localhost/return"
        )


def card(number: str) -> dict[str, str]:
    return {"method": "card", "card_number": number, "expiration": "12 / 34", "cvc": "123"}
