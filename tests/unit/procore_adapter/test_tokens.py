"""Whose token is used, when it is replaced, and that no refresh token is ever spent for nothing."""

import threading
from collections.abc import Callable
from datetime import timedelta

import attrs
import httpx
import pytest
from tests.unit.procore_adapter.wire import (
    ACCOUNT,
    COMPANIES,
    COMPANY,
    GRANT,
    NOON,
    PERMISSIONS,
    PROJECT,
    REVOKE,
    SETTINGS,
    TOKEN,
    Vault,
    Wire,
    answer,
    ok,
    project,
    token_answer,
)

from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState, Tokens
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.ports.platform import (
    AnswerUnusable,
    Platform,
    PlatformError,
    PlatformUnavailable,
    ReconnectNeeded,
    SignInRejected,
)
from smartapp_domain.ports.storage import OPERATOR, Scope, StorageUnavailable
from smartapp_domain.ports.tokens import ConnectionUnreadable
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.memory import MemoryStorage

SPENT = answer(400, {"error": "invalid_grant", "error_description": "spent"})
WRONG_KEYS = answer(401, {"error": "invalid_client", "error_description": "unknown client"})
#: How long a caller is held while somebody else renews.
HELD = timedelta(seconds=SETTINGS.max_wait_s)
FRESH = Connection.by_person(Tokens("theirs", NOON + timedelta(hours=1)), at=NOON)
REFUSED = answer(401, {"errors": "The access token is invalid"})


def wire_with_project(*answers: httpx.Response) -> Wire:
    return Wire().on(PROJECT, *(answers or (ok(project(9)),)))


def ask(platform: Platform) -> PlatformProject:
    return platform.project(ACCOUNT, COMPANY, Module.PLANNER, PlatformProjectId("9"))


def vault(*, lives: timedelta = timedelta(hours=1)) -> Vault:
    return Vault(Tokens("old-access", NOON + lives, "old-refresh"))


def bearers(wire: Wire, path: str = PROJECT) -> list[str]:
    return [request.headers["authorization"] for request in wire.asked(path)]


class TestServiceAccount:
    def test_one_token_serves_many_calls_until_shortly_before_its_end(self) -> None:
        wire = wire_with_project().on(TOKEN, token_answer("first"), token_answer("second"))
        platform = wire.platform()

        ask(platform)
        wire.clock.moment += timedelta(seconds=5400 - 61)
        ask(platform)
        wire.clock.moment += timedelta(seconds=1)
        ask(platform)

        assert bearers(wire) == ["Bearer first", "Bearer first", "Bearer second"]
        assert wire.forms()[0] == {
            "grant_type": "client_credentials",
            "client_id": "planner-id",
            "client_secret": "planner-secret",
        }

    def test_each_app_has_its_own(self) -> None:
        wire = Wire().on(TOKEN, token_answer("p"), token_answer("s"))
        wire.on(COMPANIES, ok([{"id": 77, "name": "Nordic", "is_active": True}]))

        assert wire.platform().installed(ACCOUNT, COMPANY) == {Module.PLANNER, Module.SAFETY}
        assert [form["client_id"] for form in wire.forms()] == ["planner-id", "safety-id"]
        assert bearers(wire, COMPANIES) == ["Bearer p", "Bearer s"]
        assert all(request.headers["procore-company-id"] == "77" for request in wire.asked(COMPANIES))

    def test_a_list_that_answers_without_the_company_means_not_installed(self) -> None:
        wire = Wire().on(TOKEN, token_answer()).on(COMPANIES, ok([{"id": 78, "name": "Other", "is_active": True}]))

        assert wire.platform().installed(ACCOUNT, COMPANY) == frozenset()

    def test_a_refused_token_is_replaced_once(self) -> None:
        wire = wire_with_project(REFUSED, ok(project(9))).on(TOKEN, token_answer("first"), token_answer("second"))

        ask(wire.platform())

        assert bearers(wire) == ["Bearer first", "Bearer second"]

    def test_a_second_refusal_is_final(self) -> None:
        wire = wire_with_project(REFUSED).on(TOKEN, token_answer("first"), token_answer("second"))

        with pytest.raises(SignInRejected, match="access token is invalid"):
            ask(wire.platform())

        assert bearers(wire) == ["Bearer first", "Bearer second"]

    def test_wrong_credentials_are_the_operators_to_mend(self) -> None:
        with pytest.raises(SignInRejected, match="unknown client") as caught:
            ask(wire_with_project().on(TOKEN, WRONG_KEYS).platform())

        assert "operator" in caught.value.remedy

    def test_processes_share_a_token_through_the_vault(self) -> None:
        wire, held = wire_with_project().on(TOKEN, token_answer("first"), token_answer("second")), Vault()

        for _ in range(3):
            ask(wire.platform(held))

        assert len(wire.forms()) == 1
        assert set(bearers(wire)) == {"Bearer first"}

    def test_a_token_another_process_replaced_is_taken_from_the_vault(self) -> None:
        wire, held = wire_with_project(ok(project(9)), REFUSED, ok(project(9))), Vault()
        wire.on(TOKEN, token_answer("first"), token_answer("second"), token_answer("third"))
        one, other = wire.platform(held), wire.platform(held)
        ask(one)
        ask(other)  # refused, and replaced

        wire.on(PROJECT, REFUSED, ok(project(9)))
        ask(one)

        assert bearers(wire) == ["Bearer first", "Bearer first", "Bearer second", "Bearer first", "Bearer second"]

    def test_after_a_failure_nobody_asks_again_for_a_moment(self) -> None:
        wire, held = wire_with_project().on(TOKEN, answer(500), token_answer()), Vault()
        platform = wire.platform(held)

        with pytest.raises(PlatformUnavailable, match="500"):
            ask(platform)
        for _ in range(5):
            with pytest.raises(PlatformUnavailable, match="a moment ago"):
                ask(platform)
        wire.clock.moment += timedelta(seconds=5)
        ask(platform)

        assert len(wire.forms()) == 2

    def test_a_holder_that_died_is_replaced_after_its_lease(self) -> None:
        held = Vault()
        dead = Connection.none_yet().claimed(at=NOON, lease=SETTINGS.call_limit)
        held.save(OPERATOR, Module.PLANNER, dead, replacing=0)
        wire = wire_with_project().on(TOKEN, token_answer())

        with pytest.raises(PlatformUnavailable, match="being renewed"):
            ask(wire.platform(held))
        wire.clock.moment = NOON + SETTINGS.call_limit
        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer service-token"]

    def test_a_token_whose_key_is_gone_is_fetched_anew(self) -> None:
        wire = wire_with_project().on(TOKEN, token_answer())

        held = LockedVault(FRESH)

        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer service-token"]
        stored = held.load(OPERATOR, Module.PLANNER)
        assert stored is not None
        assert stored.version == FRESH.version + 2  # claimed and renewed, over the one it could not read

    def test_a_token_it_cannot_read_is_left_to_whoever_renews_it_just_now(self) -> None:
        wire = wire_with_project().on(TOKEN, token_answer())
        held = LockedVault(FRESH.claimed(at=NOON, lease=SETTINGS.call_limit))

        with pytest.raises(PlatformUnavailable, match="being renewed"):
            ask(wire.platform(held))

        assert wire.forms() == []

    def test_many_threads_fetch_one_token(self) -> None:
        wire = wire_with_project().on(TOKEN, token_answer("first"), token_answer("second"))
        platform = wire.platform()

        _in_threads(4, lambda: ask(platform))

        assert len(wire.forms()) == 1
        assert set(bearers(wire)) == {"Bearer first"}


class TestStoredSignIn:
    def test_a_good_token_is_used_as_it_is(self) -> None:
        wire, held = wire_with_project(), vault()

        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer old-access"]
        assert held.connection.version == 1

    def test_an_account_without_one_is_served_by_the_app_itself(self) -> None:
        wire = wire_with_project().on(TOKEN, token_answer())

        ask(wire.platform(Vault()))

        assert bearers(wire) == ["Bearer service-token"]

    def test_both_new_tokens_are_stored_before_the_first_use(self) -> None:
        held = vault(lives=timedelta(seconds=60))
        stored_when_used: list[Tokens] = []

        def use(_request: httpx.Request) -> httpx.Response:
            stored_when_used.append(held.connection.tokens)
            return ok(project(9))

        wire = Wire().on(PROJECT, use).on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))
        ask(wire.platform(held))

        expected = Tokens("new-access", NOON + timedelta(seconds=5400), "new-refresh", version=2)
        assert stored_when_used == [expected]
        assert bearers(wire) == ["Bearer new-access"]
        assert wire.forms()[0]["refresh_token"] == "old-refresh"
        assert wire.forms()[0]["grant_type"] == "refresh_token"

    def test_the_offer_is_stored_before_it_is_made(self) -> None:
        held, stored_when_offered = vault(lives=timedelta()), []

        def offered(_request: httpx.Request) -> httpx.Response:
            stored_when_offered.append(held.connection.state)
            return token_answer("new-access", refresh_token="new-refresh")

        ask(wire_with_project().on(TOKEN, offered).platform(held))

        assert stored_when_offered == [ConnectionState.OFFERED]
        assert held.connection.state is ConnectionState.READY

    def test_a_refused_token_is_renewed_once(self) -> None:
        wire = wire_with_project(REFUSED, ok(project(9)))
        wire.on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))

        ask(wire.platform(vault()))

        assert bearers(wire) == ["Bearer old-access", "Bearer new-access"]

    def test_refused_again_it_takes_a_person_and_no_more_is_spent(self) -> None:
        wire, held = wire_with_project(REFUSED), vault()
        wire.on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))

        for _ in range(2):
            with pytest.raises(ReconnectNeeded):
                ask(wire.platform(held))

        assert len(wire.forms()) == 1
        assert held.connection.state is ConnectionState.RECONNECT

    def test_a_spent_refresh_token_takes_a_person_and_is_not_tried_again_by_anybody(self) -> None:
        wire, held = wire_with_project().on(TOKEN, SPENT), vault(lives=timedelta())

        for _ in range(3):
            with pytest.raises(ReconnectNeeded):
                ask(wire.platform(held))  # each a process of its own

        assert len(wire.forms()) == 1
        assert held.connection.state is ConnectionState.RECONNECT
        assert held.connection.tokens.access_token == "old-access"

    def test_a_new_sign_in_after_that_works_at_once(self) -> None:
        wire, held = wire_with_project().on(TOKEN, SPENT), vault(lives=timedelta())
        platform = wire.platform(held)
        with pytest.raises(ReconnectNeeded):
            ask(platform)

        held.connect(Tokens("again", NOON + timedelta(hours=1), "again-refresh"))
        ask(platform)

        assert bearers(wire) == ["Bearer again"]

    @pytest.mark.parametrize(
        "lost",
        [
            httpx.ReadTimeout("lost"),
            httpx.RemoteProtocolError("cut"),
            httpx.WriteError("cut"),
            answer(500),
            answer(502, b"<html>"),
            answer(504),
            answer(408),
            ok(b"{"),
            ok(b""),
            ok({"access_token": "half"}),
            token_answer("half"),  # nothing to renew it with
        ],
        ids=str,
    )
    def test_a_lost_answer_takes_a_person_and_nothing_is_sent_twice(self, lost: httpx.Response | Exception) -> None:
        wire, held = wire_with_project().on(TOKEN, lost), vault(lives=timedelta())

        for _ in range(2):
            with pytest.raises(ReconnectNeeded):
                ask(wire.platform(held))

        assert len(wire.forms()) == 1
        assert bearers(wire) == []
        assert held.connection.state is ConnectionState.RECONNECT

    @pytest.mark.parametrize(
        "harmless",
        [
            httpx.ConnectError("refused"),
            httpx.ConnectTimeout("slow"),
            answer(503, Retry_After="7"),
            answer(429),
            answer(403, b"<html>"),
            answer(302),
        ],
        ids=str,
    )
    def test_what_never_reached_procore_is_tried_again_later(self, harmless: httpx.Response | Exception) -> None:
        wire, held = wire_with_project(), vault(lives=timedelta())
        wire.on(TOKEN, harmless, token_answer("new-access", refresh_token="new-refresh"))
        platform = wire.platform(held)

        with pytest.raises(PlatformError) as caught:
            ask(platform)
        with pytest.raises(PlatformUnavailable, match="a moment ago"):
            ask(platform)
        wire.clock.moment += timedelta(seconds=8)
        ask(platform)

        assert not isinstance(caught.value, ReconnectNeeded)
        assert len(wire.forms()) == 2
        assert bearers(wire) == ["Bearer new-access"]

    def test_procores_own_wish_says_how_long_everybody_stays_away(self) -> None:
        wire, held = wire_with_project().on(TOKEN, answer(503, Retry_After="70")), vault(lives=timedelta())
        for _ in range(2):
            with pytest.raises(PlatformUnavailable) as caught:
                ask(wire.platform(held))

        assert caught.value.retry_after_s == 70
        assert len(wire.forms()) == 1

    def test_our_own_wrong_keys_do_not_send_the_customer_to_sign_in(self) -> None:
        wire, held = wire_with_project().on(TOKEN, WRONG_KEYS), vault(lives=timedelta())

        with pytest.raises(SignInRejected):
            ask(wire.platform(held))

        assert held.connection.state is ConnectionState.READY

    def test_a_sign_in_that_cannot_be_renewed_takes_a_person_when_it_ends(self) -> None:
        wire, held = wire_with_project(), Vault(Tokens("old-access", NOON))

        with pytest.raises(ReconnectNeeded):
            ask(wire.platform(held))

        assert wire.requests == []
        assert held.connection.state is ConnectionState.RECONNECT

    def test_a_new_sign_in_while_ours_was_refused_is_used(self) -> None:
        held = vault(lives=timedelta())

        def spent(_request: httpx.Request) -> httpx.Response:
            held.connect(Tokens("theirs", NOON + timedelta(hours=1), "their-refresh"))
            return SPENT

        wire = wire_with_project().on(TOKEN, spent)
        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer theirs"]
        assert held.connection.state is ConnectionState.READY

    def test_a_new_sign_in_stored_meanwhile_is_not_overwritten(self) -> None:
        held = vault(lives=timedelta())

        def late(_request: httpx.Request) -> httpx.Response:
            held.connect(Tokens("theirs", NOON + timedelta(hours=1), "their-refresh"))
            return token_answer("ours", refresh_token="our-refresh")

        wire = wire_with_project().on(TOKEN, late)
        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer theirs"]
        assert held.connection.tokens.refresh_token == "their-refresh"

    def test_a_connection_dropped_meanwhile_is_not_brought_back(self) -> None:
        held = vault(lives=timedelta())

        def late(_request: httpx.Request) -> httpx.Response:
            held.drop(ACCOUNT, Module.PLANNER)
            return token_answer("ours", refresh_token="our-refresh")

        wire = wire_with_project().on(TOKEN, late)
        with pytest.raises(ReconnectNeeded):
            ask(wire.platform(held))

        assert held.load(ACCOUNT, Module.PLANNER) is None
        assert bearers(wire) == []

    def test_an_answer_that_comes_after_it_was_given_up_is_still_good(self) -> None:
        held = vault(lives=timedelta())

        def late(_request: httpx.Request) -> httpx.Response:
            wire.clock.moment += timedelta(minutes=2)
            with pytest.raises(ReconnectNeeded):
                ask(wire.platform(held))
            return token_answer("late", refresh_token="late-refresh")

        wire = wire_with_project().on(TOKEN, late)
        ask(wire.platform(held))

        assert len(wire.forms()) == 1
        assert bearers(wire) == ["Bearer late"]
        assert held.connection.state is ConnectionState.READY

    def test_a_holder_that_offered_nothing_is_taken_over(self) -> None:
        held = vault(lives=timedelta())
        claimed = held.connection.claimed(at=NOON, lease=SETTINGS.call_limit)
        held.save(ACCOUNT, Module.PLANNER, claimed, replacing=1)
        wire = wire_with_project().on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))

        with pytest.raises(PlatformUnavailable, match="being renewed") as caught:
            ask(wire.platform(held))
        wire.clock.moment = NOON + SETTINGS.call_limit
        ask(wire.platform(held))

        assert caught.value.retry_after_s == pytest.approx((SETTINGS.call_limit - HELD).total_seconds(), abs=0.2)
        assert len(wire.forms()) == 1
        assert held.connection.fence == 2

    def test_a_holder_that_died_after_its_offer_leaves_nothing_to_try(self) -> None:
        held = vault(lives=timedelta())
        offered = held.connection.claimed(at=NOON, lease=SETTINGS.call_limit).offered(at=NOON)
        held.save(ACCOUNT, Module.PLANNER, offered, replacing=1)
        wire = wire_with_project()
        wire.clock.moment = NOON + SETTINGS.call_limit

        with pytest.raises(ReconnectNeeded):
            ask(wire.platform(held))

        assert wire.requests == []
        assert held.connection.state is ConnectionState.RECONNECT

    def test_a_slow_holder_that_was_taken_over_offers_nothing(self) -> None:
        held = SlowVault(lives=timedelta())
        wire = wire_with_project().on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))

        def nap() -> None:
            wire.clock.moment += SETTINGS.call_limit
            ask(wire.platform(held))

        held.after_first_claim = nap
        ask(wire.platform(held))

        assert len(wire.forms()) == 1
        assert set(bearers(wire)) == {"Bearer new-access"}

    def test_a_storage_out_of_reach_is_waited_for_because_the_new_pair_is_nowhere_else(self) -> None:
        held = FailingVault(lives=timedelta(), failures=3)
        wire = wire_with_project().on(TOKEN, token_answer("new-access", refresh_token="new-refresh"))

        ask(wire.platform(held))

        assert bearers(wire) == ["Bearer new-access"]
        assert held.failures == 0

    def test_a_storage_out_of_reach_is_waited_for_so_that_an_unspent_token_is_not_taken_for_lost(self) -> None:
        held = FailingVault(lives=timedelta(), failures=3, saves=lambda new: new.not_before is not None)
        wire = wire_with_project().on(TOKEN, answer(429), token_answer("new-access", refresh_token="new-refresh"))
        platform = wire.platform(held)

        with pytest.raises(PlatformUnavailable):
            ask(platform)
        wire.clock.moment += SETTINGS.call_limit
        ask(platform)

        assert held.failures == 0
        assert bearers(wire) == ["Bearer new-access"]

    def test_a_storage_out_of_reach_is_waited_for_also_by_an_answer_that_comes_late(self) -> None:
        held = FailingVault(lives=timedelta(), failures=3, saves=lambda _: False)

        def late(_request: httpx.Request) -> httpx.Response:
            lost = held.connection.answer_lost(at=NOON)
            held.save(ACCOUNT, Module.PLANNER, lost, replacing=held.connection.version)
            held.loads_fail = True
            return token_answer("late", refresh_token="late-refresh")

        wire = wire_with_project().on(TOKEN, late)
        ask(wire.platform(held))

        assert held.failures == 0
        assert bearers(wire) == ["Bearer late"]

    def test_nothing_is_claimed_inside_a_storage_transaction(self) -> None:
        held, wire = vault(lives=timedelta()), wire_with_project()
        before = held.connection

        with MemoryStorage().transaction(ACCOUNT), pytest.raises(RuntimeError, match="inside a storage transaction"):
            ask(wire.platform(held))

        assert held.connection == before

    def test_many_threads_refresh_once(self) -> None:
        held = vault(lives=timedelta())
        wire = wire_with_project().on(TOKEN, token_answer("new-access", refresh_token="new-refresh"), SPENT)
        platform = wire.platform(held)

        _in_threads(4, lambda: ask(platform))

        assert len(wire.forms()) == 1
        assert set(bearers(wire)) == {"Bearer new-access"}

    def test_installation_is_probed_in_the_company_not_in_the_persons_list(self) -> None:
        held = vault()
        wire = Wire().on(PERMISSIONS, answer(403, {"errors": ["App is not connected to this company."]}))
        wire.on(TOKEN, token_answer()).on(COMPANIES, ok([{"id": 77, "name": "Nordic", "is_active": True}]))

        assert wire.platform(held).installed(ACCOUNT, COMPANY) == {Module.SAFETY}

        wire.on(PERMISSIONS, ok({"tools": []}))
        assert wire.platform(held).installed(ACCOUNT, COMPANY) == {Module.PLANNER, Module.SAFETY}


class LockedVault(Vault):
    """What somebody else stored for the service account is sealed with a key that is not ours."""

    def __init__(self, stored: Connection) -> None:
        super().__init__()
        super().save(OPERATOR, Module.PLANNER, stored, replacing=0)
        self.locked = True

    def load(self, scope: Scope, app: Module) -> Connection | None:
        found = super().load(scope, app)
        if found is None or scope is not OPERATOR or not self.locked:
            return found
        known = attrs.evolve(found, tokens=Connection.none_yet().tokens)
        raise ConnectionUnreadable("Sealed with key 'new', which is not among the keys given.", known)

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        super().save(scope, app, connection, replacing=replacing)
        self.locked = False


class SlowVault(Vault):
    """Something takes long right after the first claim was stored."""

    def __init__(self, *, lives: timedelta) -> None:
        self.after_first_claim: Callable[[], None] | None = None
        super().__init__(Tokens("old-access", NOON + lives, "old-refresh"))

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        super().save(scope, app, connection, replacing=replacing)
        if connection.state is ConnectionState.CLAIMED and self.after_first_claim is not None:
            nap, self.after_first_claim = self.after_first_claim, None
            nap()


class FailingVault(Vault):
    """The storage is out of reach when certain connections, the new pair unless told, are to be stored, or loaded."""

    def __init__(
        self,
        *,
        lives: timedelta,
        failures: int,
        saves: Callable[[Connection], bool] = lambda new: new.tokens.version > 1,
    ) -> None:
        self.failures = failures
        self.saves = saves
        self.loads_fail = False
        super().__init__(Tokens("old-access", NOON + lives, "old-refresh"))

    def load(self, scope: Scope, app: Module) -> Connection | None:
        self._fail(now=self.loads_fail)
        return super().load(scope, app)

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        self._fail(now=self.saves(connection))
        super().save(scope, app, connection, replacing=replacing)

    def _fail(self, *, now: bool) -> None:
        if now and self.failures:
            self.failures -= 1
            raise StorageUnavailable("Out of reach.")


class TestCodes:
    def test_a_code_is_redeemed_with_the_apps_own_keys(self) -> None:
        wire = Wire().on(TOKEN, token_answer("mine", refresh_token="refresh"))

        grant = wire.sign_in().redeem(Module.SAFETY, "the-code")

        assert (grant.app, grant.access_token, grant.refresh_token) == (Module.SAFETY, "mine", "refresh")
        assert grant.expires_at == NOON + timedelta(seconds=5400)
        assert wire.forms() == [
            {
                "grant_type": "authorization_code",
                "code": "the-code",
                "redirect_uri": "https://smartapp.test/callback",
                "client_id": "safety-id",
                "client_secret": "safety-secret",
            }
        ]

    def test_our_own_wrong_keys_do_not_send_anybody_round_in_circles(self) -> None:
        with pytest.raises(SignInRejected) as caught:
            Wire().on(TOKEN, WRONG_KEYS).sign_in().redeem(Module.PLANNER, "code")

        assert "operator" in caught.value.remedy

    @pytest.mark.parametrize("no", [SPENT, answer(400), answer(403), answer(404, b"<html>")])
    def test_a_code_that_is_not_accepted_sends_back_to_sign_in(self, no: httpx.Response) -> None:
        with pytest.raises(SignInRejected) as caught:
            Wire().on(TOKEN, no).sign_in().redeem(Module.PLANNER, "code")

        assert caught.value.remedy.startswith("Sign in with Procore again")

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", {}, {"access_token": "", "expires_in": 1}, {"access_token": "a", "expires_in": 0}]
    )
    def test_a_token_answer_of_another_form_is_not_used(self, body: object) -> None:
        with pytest.raises(AnswerUnusable):
            Wire().on(TOKEN, ok(body)).sign_in().redeem(Module.PLANNER, "code")

    def test_forgetting_revokes_the_access_token_with_the_apps_keys(self) -> None:
        wire = Wire().on(REVOKE, ok({}))

        wire.sign_in().forget(attrs.evolve(GRANT, access_token="gone"))

        body = wire.requests[0].content.decode()
        assert "token=gone" in body
        assert "client_id=planner-id" in body

    def test_a_person_is_asked_about_without_naming_a_company(self) -> None:
        wire = Wire().on(COMPANIES, ok([{"id": 1, "name": "A", "is_active": False}]))

        assert wire.sign_in().companies(GRANT) == ()
        assert "procore-company-id" not in wire.requests[0].headers


def _in_threads(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
