"""
Every place of the journey where it may end, in real processes.

It takes many minutes. `make campaign` asks for this file by its name, which keeps it out of every other run.
"""

import json
import os
from itertools import zip_longest
from pathlib import Path

import pytest
from tests.app.killing.kills import STEPS, Player
from tests.app.killing.world import found
from tests.unit.use_cases.crash_journey import PLACES

FIGURES = os.environ.get("SMARTAPP_TEST_FIGURES")
#: Passed by the journey in one process alone: no card is declined in this one, nobody gives up or pays late, and no
#: bank refuses.
IN_ONE_PROCESS = {
    "commit check_out._tried_again",
    "commit collect_again.collect_again",
    "commit end_unpaid.end_unpaid",
    "commit settle_order._look_again",
    "commit settle_order.drop_order",
    "provider close_checkout",
    "provider close_extension",
    "provider collect_again",
    "provider end_unpaid",
}


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
    assert {barrier.partition(" ")[2] for barrier in last} >= PLACES - IN_ONE_PROCESS
    assert player.site.command("jobs", "failed") == "Nothing waits for a person.\n"
