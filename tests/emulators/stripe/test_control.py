"""The controls of `/_emulator`, the console, and state that outlives a restart."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import stripe
from tests.emulators.stripe.support import FAILS_LATER, Shop

from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app


def test_a_reset_forgets_everything_and_returns_to_real_time(shop: Shop) -> None:
    shop.subscribe()
    shop.post("/_emulator/faults", {"kind": "500"})
    shop.post("/_emulator/webhooks", {"hold": True})
    shop.advance(10)

    assert shop.post("/_emulator/reset").json() == {"reset": True}

    assert not any(shop.http.get("/_emulator/objects").json().values())
    assert shop.http.get("/_emulator/journal").json()["total"] == 0
    assert shop.http.get("/_emulator/faults").json() == {"faults": []}
    assert shop.http.get("/_emulator/webhooks").json()["switches"]["hold"] is False
    assert shop.http.get("/_emulator/clock").json()["offset_s"] == 0


def test_objects_can_be_read_without_a_key_and_show_nothing_internal(shop: Shop) -> None:
    shop.subscribe()

    counts = shop.http.get("/_emulator/objects").json()
    rows = shop.http.get("/_emulator/objects/payment_method").json()["data"]

    assert counts["subscription"] == counts["invoice"] == counts["payment_method"] == 1
    assert not any(kind.startswith("_") for kind in counts)
    assert not any(name.startswith("_") for name in rows[0])
    assert shop.http.get("/_emulator/objects/_idempotency").json()["data"] == []


def test_the_clock_jumps_to_a_moment_and_only_forward(shop: Shop) -> None:
    shop.post("/_emulator/clock", {"to": "2035-06-01T00:00:00"})
    assert shop.http.get("/_emulator/clock").json()["now"].startswith("2035-06-01T00:00:00")

    refused = shop.post("/_emulator/clock", {"to": "2035-05-01T00:00:00Z"})

    assert refused.status_code == 400
    assert "forward only" in refused.json()["error"]


def test_the_clock_runs_on_when_resumed(shop: Shop) -> None:
    assert shop.post("/_emulator/clock", {"resume": True}).json()["frozen"] is False
    assert shop.post("/_emulator/clock", {"freeze": True}).json()["frozen"] is True


@pytest.mark.parametrize("wish", [{}, {"advance_s": -1}, {"to": "tomorrow"}, {"freeze": False}, {"advance_s": "1"}])
def test_a_clock_move_that_is_none_is_refused(shop: Shop, wish: dict[str, object]) -> None:
    before = shop.http.get("/_emulator/clock").json()

    assert shop.post("/_emulator/clock", wish).status_code == 400
    assert shop.http.get("/_emulator/clock").json() == before


def test_a_body_that_is_no_json_object_is_refused(shop: Shop) -> None:
    assert shop.http.post("/_emulator/clock", content=b"[1]").status_code == 400
    assert shop.http.post("/_emulator/faults", content=b"{").status_code == 400


def test_a_debit_that_is_not_there_cannot_be_settled(shop: Shop) -> None:
    session = shop.offer()

    assert shop.post(f"/_emulator/checkout/{session.id}/settle").status_code == 400
    assert shop.post("/_emulator/checkout/cs_nobody/settle").status_code == 400


def test_the_console_shows_the_account_and_its_buttons_work(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3), number=FAILS_LATER)

    page = shop.http.get("/_emulator").text
    assert subscription.id in page
    assert "3 × Planner" in page
    for form in (
        {"act": "fault", "kind": "429", "path": "/v1/prices", "count": "1"},
        {"act": "switch", "hold": "on", "delay_s": "1.5"},
        {"act": "plan", "customer": shop.customer.id, "verdict": "lost_card"},
        {"act": "advance", "days": "30.5"},
    ):
        assert shop.http.post("/_emulator/do", data=form).headers["location"] == "/_emulator"

    page = shop.http.get("/_emulator").text
    assert "past_due" in page
    assert re.search(r'name="hold" checked', page)
    assert "429 on" in page
    assert shop.http.post("/_emulator/do", data={"act": "reset"}).status_code == 303
    assert shop.v1.subscriptions.list().data == []


@pytest.mark.parametrize(
    "form", [{}, {"act": "dance"}, {"act": "advance", "days": "x"}, {"act": "advance", "days": "-1"}, {"act": "fault"}]
)
def test_a_button_that_does_not_exist_says_so(shop: Shop, form: dict[str, str]) -> None:
    answer = shop.http.post("/_emulator/do", data=form)

    assert answer.status_code == 400
    assert "This did not work" in answer.text


def test_the_front_page_is_the_console_and_other_pages_are_missing(shop: Shop) -> None:
    assert shop.http.get("/").headers["location"] == "/_emulator"
    assert "There is no such page" in shop.http.get("/nothing").text
    assert shop.http.get("/nothing").status_code == 404


def test_a_state_file_carries_everything_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state" / "stripe.json"
    with _emulator(file) as first:
        before = Shop(first.url)
        before.post("/_emulator/clock", {"freeze": True})
        before.stock()
        subscription = before.subscribe(("Planner", 2))
        before.v1.customers.create({"name": "Once"}, {"idempotency_key": "k"})
        offered = before.offer().id
        before.advance(0.5)
        moment = before.http.get("/_emulator/clock").json()["unix"]
        before.close()

    with _emulator(file) as second:
        after = Shop(second.url)
        found = after.v1.subscriptions.retrieve(subscription.id)
        again = after.v1.customers.create({"name": "Once"}, {"idempotency_key": "k2"})
        clock = after.http.get("/_emulator/clock").json()
        page = str(after.v1.checkout.sessions.retrieve(offered).url)
        shown = after.http.get(page).status_code
        after.close()

    assert found["items"].data[0].quantity == 2
    assert (clock["unix"], clock["frozen"]) == (moment, True)
    assert again.name == "Once"
    assert (page.startswith(second.url), shown) == (True, 200)  # although the port is another one now
    assert not list(tmp_path.glob("**/*.partial"))


def test_a_file_that_is_no_state_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    file.write_text('{"format": 99}', encoding="utf-8")

    with pytest.raises(ValueError, match="no state file"):
        create_app(state_file=file)
    assert file.read_text(encoding="utf-8") == '{"format": 99}'


def test_the_program_announces_itself_answers_and_ends_on_interrupt(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smartapp_emulators.stripe", "--port", "0", "--state", str(tmp_path / "s.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        announced = re.fullmatch(r"Stripe emulator on (http://localhost:\d+)\n", program.stdout.readline())
        assert announced is not None
        url = announced[1]
        answer = httpx.get(f"{url}/v1/customers", headers={"Authorization": "Bearer sk_test_x"}, trust_env=False)
        shop = Shop(url)
        shop.stock()
        pay_url = shop.offer().url
        shop.close()
        program.send_signal(signal.SIGINT)
        program.wait(timeout=20)

    assert answer.json()["data"] == []
    assert str(pay_url).startswith(url)


def _emulator(file: Path) -> ThreadedServer:
    server = ThreadedServer()
    server.app = create_app(state_file=file, base_url=server.url)
    return server


def test_two_accounts_do_not_share_anything(shop: Shop) -> None:
    server = ThreadedServer()
    server.app = create_app(base_url=server.url)
    with server:
        other = Shop(server.url)
        with pytest.raises(stripe.InvalidRequestError):
            other.v1.customers.retrieve(shop.customer.id)
        other.close()
