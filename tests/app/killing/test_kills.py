"""`smartapp serve` and `smartapp worker`, killed by SIGKILL at chosen places, on real databases and both emulators."""

import pytest
from tests.app.killing.kills import Kill, Player
from tests.app.killing.world import found

#: The most dangerous places: money has moved, or is about to, and our books do not know it yet. A journey each.
MONEY = (
    Kill("buy", "after provider start_checkout"),
    Kill("buy", "before commit fulfill_order.fulfill_order"),
    Kill("buy again", "after provider extend"),
    Kill("buy again", "before commit settle_order.store_payment"),
    Kill("buy again", "after commit fulfill_order.fulfill_order"),
    Kill("stop renewal", "after provider set_renewal"),
)
NEWS = (
    Kill("buy", "before commit receive_billing_event.receive_billing_events"),
    Kill("buy again", "after commit receive_billing_event.receive_billing_events"),
    Kill("stop renewal", "after commit run_job.run_job"),
)


#: All of them on both databases would take long; each database meets kills of either sort. A journey each: who dies
#: right after charging may find the news of it delivered to nobody, so that no second kill is met in the same step.
KILLS = (
    pytest.param("sqlite", (Kill("buy again", "after provider extend"),), id="sqlite, money"),
    pytest.param("sqlite", NEWS, id="sqlite, news"),
    pytest.param("postgres", (*MONEY, Kill("stop renewal", "after commit run_job.run_job")), id="postgres, money"),
)


@pytest.mark.parametrize(("database", "kills"), KILLS, indirect=["database"])
def test_processes_killed_at_the_worst_places_lose_nothing_and_double_nothing(
    player: Player, kills: tuple[Kill, ...]
) -> None:
    (company,) = found(player.site.procore, companies=1, admins=1, projects=2)

    faults = player.play(company, *kills)

    assert faults == []
    assert player.unreached == []
    assert sum(each.killed for each in player.site.programs) == len(kills)
    assert player.site.command("jobs", "failed") == "Nothing waits for a person.\n"
