"""Which payment type the offer opens with: that of the subscription there is, unless somebody chose for this draft."""

import re
from datetime import timedelta

from tests.app.web.surfer import Surfer, field, words

DAY = timedelta(days=1)


def shown(owner: Surfer, query: str = "") -> str:
    """Return the payment type the offer has chosen."""
    page = owner.get(f"/subscriptions{query}").text
    (checked,) = re.findall(r'<input[^>]*name="interval"[^>]*value="(\w+)"[^>]*\bchecked', page)
    return str(checked)


def add(owner: Surfer, interval: str) -> None:
    """Add what is ticked to the subscription of the interval; the stored card pays at once."""
    page = owner.get(f"/subscriptions?interval={interval}")
    sent = {name: field(page, name) for name in ("fingerprint", "prorated_at")}
    answer = owner.post("/subscriptions/checkout", interval=interval, **sent)
    assert answer.status_code == 303, words(answer)
    owner.bench.deliver()
    owner.bench.work()


def test_a_second_purchase_opens_with_the_interval_of_the_subscription_there_is(owner: Surfer) -> None:
    first, *_, last = owner.ids()
    owner.tick(first, "planner")
    assert shown(owner) == "year"
    owner.buy({first: ["planner"]}, "month")
    owner.client.cookies.delete("smartapp_interval")

    owner.tick(last, "planner")

    assert shown(owner) == "month"


def test_what_was_chosen_for_the_last_purchase_says_nothing_about_the_next(owner: Surfer) -> None:
    first, second, *_, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    owner.bench.work(DAY)
    owner.tick(last, "planner")

    assert shown(owner, "?interval=year") == "year"
    assert shown(owner) == "year", "chosen for this draft"
    chosen = owner.client.cookies["smartapp_interval"]
    add(owner, "month")
    owner.client.cookies["smartapp_interval"] = chosen
    owner.tick(second, "planner")

    assert shown(owner) == "month"


def test_of_two_subscriptions_the_one_used_last_is_opened(owner: Surfer) -> None:
    first, second, third, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    owner.bench.work(DAY)
    owner.buy({second: ["planner"]}, "year")
    owner.bench.work(DAY)
    owner.tick(third, "planner")
    assert shown(owner) == "year"

    add(owner, "month")
    owner.tick(last, "planner")

    assert shown(owner) == "month"


def test_a_subscription_that_takes_no_more_projects_is_not_opened(owner: Surfer) -> None:
    first, *_, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    project = re.findall(r'href="(/central/[^"]+)/subscription"', owner.get("/central").text)[0]
    owner.post(f"{project}/renewal", module="planner", renews="0")
    owner.bench.work()
    owner.tick(last, "planner")

    assert shown(owner) == "year"
