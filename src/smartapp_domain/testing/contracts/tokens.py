"""What every vault of user-level connections must do."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.ports.storage import Stale
from smartapp_domain.ports.tokens import Tokens, TokenVault
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX

TOKENS = Tokens("access-1", NOON + timedelta(minutes=90), "refresh-1")


class TokenVaultContract:
    @pytest.fixture
    def vault(self) -> TokenVault:
        raise NotImplementedError("Give the suite an empty vault: override this fixture.")

    def test_tokens_come_back_whole(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)
        vault.save(ACME, Module.SAFETY, attrs.evolve(TOKENS, refresh_token=None), replacing=0)

        assert vault.load(ACME, Module.PLANNER) == TOKENS
        assert vault.load(ACME, Module.SAFETY) == attrs.evolve(TOKENS, refresh_token=None)

    def test_each_account_has_connections_of_its_own(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)

        assert vault.load(GLOBEX, Module.PLANNER) is None
        vault.drop(GLOBEX, Module.PLANNER)
        assert vault.load(ACME, Module.PLANNER) == TOKENS

    def test_of_two_refreshers_the_second_is_told(self, vault: TokenVault) -> None:
        fresh = Tokens("access-2", TOKENS.expires_at, "refresh-2", version=2)
        vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)
        vault.save(ACME, Module.PLANNER, fresh, replacing=1)

        with pytest.raises(Stale):
            vault.save(ACME, Module.PLANNER, attrs.evolve(TOKENS, version=2), replacing=1)
        with pytest.raises(Stale):
            vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)
        assert vault.load(ACME, Module.PLANNER) == fresh

    def test_a_dropped_connection_is_forgotten(self, vault: TokenVault) -> None:
        vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)
        vault.drop(ACME, Module.PLANNER)

        assert vault.load(ACME, Module.PLANNER) is None
        vault.save(ACME, Module.PLANNER, TOKENS, replacing=0)

    def test_tokens_are_not_shown_by_accident(self) -> None:
        assert "access-1" not in repr(TOKENS)
        assert "refresh-1" not in repr(TOKENS)
