"""What every vault of connections must do."""

import threading
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ports.storage import OPERATOR, Scope, Stale
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX

LEASE = timedelta(minutes=1)
TOKENS = Tokens("access-1", NOON + timedelta(minutes=90), "refresh-1")
CONNECTED = Connection.by_person(TOKENS, at=NOON)
CLAIMED = CONNECTED.claimed(at=NOON, lease=LEASE)
OFFERED = CLAIMED.offered(at=NOON)
EVERY_STATE = [
    CONNECTED,
    CLAIMED,
    OFFERED,
    OFFERED.renewed(Tokens("access-2", NOON, "refresh-2"), at=NOON),
    OFFERED.postponed(at=NOON, until=NOON + LEASE),
    OFFERED.answer_lost(at=NOON),
    Connection.none_yet().claimed(at=NOON, lease=LEASE),
]


class TokenVaultContract:
    @pytest.fixture
    def vault(self) -> TokenVault:
        raise NotImplementedError("Give the suite an empty vault: override this fixture.")

    @pytest.mark.parametrize("scope", [ACME, OPERATOR], ids=str)
    @pytest.mark.parametrize("connection", EVERY_STATE, ids=lambda each: each.state.value)
    def test_a_connection_comes_back_whole_in_every_state(
        self, vault: TokenVault, scope: Scope, connection: Connection
    ) -> None:
        vault.save(scope, Module.PLANNER, attrs.evolve(connection, version=1), replacing=0)
        vault.save(scope, Module.PLANNER, attrs.evolve(connection, version=9), replacing=1)

        assert vault.load(scope, Module.PLANNER) == attrs.evolve(connection, version=9)

    def test_each_account_and_our_own_service_have_connections_of_their_own(self, vault: TokenVault) -> None:
        ours = Connection.none_yet().claimed(at=NOON, lease=LEASE)
        vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)
        vault.save(OPERATOR, Module.PLANNER, ours, replacing=0)

        assert vault.load(GLOBEX, Module.PLANNER) is None
        assert vault.load(ACME, Module.SAFETY) is None
        vault.drop(GLOBEX, Module.PLANNER)
        vault.drop(OPERATOR, Module.SAFETY)
        assert vault.load(ACME, Module.PLANNER) == CONNECTED
        assert vault.load(OPERATOR, Module.PLANNER) == ours

    def test_of_two_that_claim_the_second_is_told(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)
        vault.save(ACME, Module.PLANNER, CLAIMED, replacing=1)

        with pytest.raises(Stale):
            vault.save(ACME, Module.PLANNER, CLAIMED, replacing=1)
        with pytest.raises(Stale):
            vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)
        with pytest.raises(Stale):
            vault.save(ACME, Module.PLANNER, CLAIMED, replacing=2)
        assert vault.load(ACME, Module.PLANNER) == CLAIMED

    def test_of_many_that_claim_at_once_one_wins(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)
        won: list[int] = []
        start = threading.Barrier(8)

        def claim(number: int) -> None:
            mine = attrs.evolve(CLAIMED, fence=number)
            start.wait()
            try:
                vault.save(ACME, Module.PLANNER, mine, replacing=1)
            except Stale:
                return
            won.append(number)

        threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        stored = vault.load(ACME, Module.PLANNER)
        assert stored is not None
        assert won == [stored.fence]

    def test_a_dropped_connection_is_forgotten(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)
        vault.drop(ACME, Module.PLANNER)

        assert vault.load(ACME, Module.PLANNER) is None
        vault.save(ACME, Module.PLANNER, CONNECTED, replacing=0)

    def test_tokens_are_not_shown_by_accident(self) -> None:
        assert "access-1" not in repr(CONNECTED)
        assert "refresh-1" not in repr(CONNECTED)
