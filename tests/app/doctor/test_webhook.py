"""`smartapp webhook` makes Stripe's endpoint outside the demo, and says how to store its secret."""

import json
from typing import Any

import pytest
from tests.app.doctor.conftest import Site

#: The command does not open the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
URL = {"SMARTAPP_PUBLIC_URL": "https://connect.example.com"}


def test_an_endpoint_is_made_once_and_its_secret_told_then(site: Site) -> None:
    status, told = site.run(site.environment | URL, ["webhook", "--replace"])
    again, of_again = site.run(site.environment | URL, ["webhook"])
    lost, of_lost = site.run(site.environment | URL | {"SMARTAPP_STRIPE_WEBHOOK_SECRET": ""}, ["webhook"])

    assert (status, again, lost) == (0, 0, 0)
    assert "https://connect.example.com/webhooks/stripe" in told
    assert "SMARTAPP_STRIPE_WEBHOOK_SECRET=whsec_" in told
    assert "its secret stays" in of_again
    assert "smartapp webhook --replace" in of_lost
    assert site.examine(**URL)["webhook endpoint"][0]["verdict"] == "fine"


def test_a_script_gets_the_secret_alone(site: Site) -> None:
    _, told = site.run(site.environment | URL, ["webhook", "--replace", "--json"])

    answer: dict[str, Any] = json.loads(told)
    assert answer["url"] == "https://connect.example.com/webhooks/stripe"
    assert answer["secret"].startswith("whsec_")


def test_without_an_address_of_ours_nothing_is_made(site: Site) -> None:
    status, _ = site.run(site.environment | {"SMARTAPP_PUBLIC_URL": ""}, ["webhook"])

    assert status == 2


def test_a_stripe_out_of_reach_is_told(site: Site) -> None:
    status, _ = site.run(site.environment | URL | {"SMARTAPP_STRIPE_API_BASE": "http://127.0.0.1:1"}, ["webhook"])

    assert status == 1
