"""Every place of the journey where it may end, in real processes: for `make campaign`."""

import json
import os
from itertools import zip_longest
from pathlib import Path

import pytest
from tests.app.killing.kills import STEPS, Player
from tests.app.killing.world import found
from tests.unit.use_cases.crash_journey import PLACES

FIGURES = os.environ.get("SMARTAPP_TEST_FIGURES")
pytestmark = pytest.mark.skipif(
    not os.environ.get("SMARTAPP_TEST_ALL_KILLS"), reason="takes many minutes: make campaign runs it"
)


def test_a_kill_at_any_place_loses_nothing_and_doubles_nothing(player: Player, request: pytest.FixtureRequest) -> None:
    companies = iter(found(player.site.procore, companies=len(PLACES) * 2 + 1, admins=1, projects=2))
    assert player.play(next(companies)) == []
    last = {kill.barrier: kill for kill in player.passed if kill.barrier.partition(" ")[2] in PLACES}
    by_step = ([kill for kill in last.values() if kill.step == step] for step in STEPS)
    journeys = [tuple(filter(None, kills)) for kills in zip_longest(*by_step)]  # one kill in each step of a journey

    faults = {kills: player.play(company, *kills) for kills, company in zip(journeys, companies, strict=False)}

    if FIGURES:
        with Path(FIGURES).open("a", encoding="utf-8") as file:
            told = {"database": request.node.callspec.params["database"], "kills": len(last)}
            file.write(json.dumps(told | {"unreached": [str(kill) for kill in player.unreached]}) + "\n")
    assert {", ".join(map(str, kills)): found for kills, found in faults.items() if found} == {}
    assert {barrier.partition(" ")[2] for barrier in last} == PLACES
    assert player.site.command("jobs", "failed") == "Nothing waits for a person.\n"
