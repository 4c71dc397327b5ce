"""Two web servers and two workers on PostgreSQL and a broker: under load, while one after the other is killed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest
from tests.app.killing.chaos import Chaos, Plan
from tests.app.killing.conftest import MakeSite
from tests.app.killing.world import found
from tests.servers.brokers import BrokerServer

#: `make campaign` asks for longer runs, on both brokers, and for the figures.
SECONDS = float(os.environ.get("SMARTAPP_TEST_CHAOS_S") or "6")
FIGURES = os.environ.get("SMARTAPP_TEST_FIGURES")
BROKERS = ("rabbitmq", "redis") if "SMARTAPP_TEST_CHAOS_S" in os.environ else ("redis",)

Unleash = Callable[..., Chaos]


@pytest.fixture
def unleash(make_site: MakeSite) -> Iterator[Unleash]:
    with ExitStack() as stack:

        def unleashed(broker: str) -> Chaos:
            site = make_site(broker, webs=2)
            storage = site.storage()
            stack.callback(storage.dispose)
            companies = found(site.procore, companies=2, admins=2, projects=20 + int(SECONDS))
            return Chaos(site, storage, companies, Plan(SECONDS, kill_every_s=min(4, SECONDS / 4)))

        yield unleashed


@pytest.mark.parametrize("broker", BROKERS)
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_no_license_is_lost_or_doubled_while_processes_are_killed(
    unleash: Unleash, broker: str, request: pytest.FixtureRequest
) -> None:
    server: BrokerServer = request.getfixturevalue(f"{broker}_server")

    figures = unleash(server.url).run()

    if FIGURES:
        with Path(FIGURES).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"broker": broker, **attrs.asdict(figures)}) + "\n")
    assert figures.faults == []
    assert all(figures.kills.values())
    assert figures.bought
