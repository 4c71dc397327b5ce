"""An account can never see or change another's rows, and is answered as if they were not there."""

from collections.abc import Callable

import attrs
import pytest

from smartapp_domain.ids import AccountId, InvitationId, MemberId, OrderId, PlatformProjectId, ProfileId, ProjectId
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderEvent
from smartapp_domain.ports.storage import NotFound, OutOfScope, Reading, Stale, Storage, Transaction
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench
from smartapp_domain.testing.contracts.storage_keyed_requests import CLAIMED, KEY

PAT = MemberId("pat")
TOWER = PlatformProjectId("tower")

#: What gets a thing by its id, for an id somebody else has and for one nobody has.
GETTERS: dict[str, Callable[[Reading, str], object]] = {
    "accounts": lambda r, key: r.accounts.get(AccountId(key)),
    "members": lambda r, key: r.members.get(MemberId(key)),
    "invitations": lambda r, key: r.invitations.get(InvitationId(key)),
    "profiles": lambda r, key: r.profiles.get(ProfileId(key)),
    "platform_projects": lambda r, key: r.platform_projects.get(PlatformProjectId(key)),
    "projects": lambda r, key: r.projects.get(ProjectId(key)),
    "orders": lambda r, key: r.orders.get(OrderId(key)),
    "project_billing": lambda r, key: r.views.project_billing(ProjectId(key)),
}
IDS = {
    "accounts": "acme",
    "members": "pat",
    "invitations": "invitation",
    "profiles": "acme-billing",
    "platform_projects": "tower",
    "projects": "tower",
    "orders": "order-1",
    "project_billing": "tower",
}

#: Everything else that answers with an account's rows; each is empty for an account that has none.
LOOKS: dict[str, Callable[[Reading], object]] = {
    "members": lambda r: r.members.all(),
    "member of person": lambda r: r.members.of_person(some.person().id),
    "former members": lambda r: r.members.former(),
    "invitations": lambda r: r.invitations.all(),
    "invitation of e-mail": lambda r: r.invitations.of_email("invitation@example.com"),
    "invitation of secret": lambda r: r.invitations.of_secret("hash of invitation"),
    "tokens": lambda r: r.access_tokens.of_member(PAT),
    "trail": lambda r: r.trail.page(limit=5),
    "profile": lambda r: r.profiles.default(),
    "platform projects": lambda r: r.platform_projects.some([TOWER]),
    "listing": lambda r: r.platform_projects.listing().version,
    "request": lambda r: r.keyed_requests.get(KEY),
    "draft": lambda r: dict(r.drafts.get(PAT).rows),
    "draft row": lambda r: r.drafts.row(PAT, TOWER),
    "unlinked": lambda r: r.projects.unlinked(),
    "mapping": lambda r: r.mappings.of_platform_project(TOWER),
    "mapping of project": lambda r: r.mappings.of_project(ProjectId("tower")),
    "open orders": lambda r: r.orders.open(),
    "order of checkout": lambda r: r.orders.of_checkout(some.checkout().id),
    "orders of project": lambda r: r.orders.of_project(PlatformProjectId("annex")),
    "licenses": lambda r: r.licenses.all(),
    "licenses of project": lambda r: r.licenses.of_projects([ProjectId("tower")]),
    "licenses of subscription": lambda r: r.licenses.of_subscription(some.subscription().id),
    "subscription": lambda r: r.subscriptions.get(some.subscription().id),
    "subscriptions": lambda r: r.subscriptions.all(),
    "counts": lambda r: sum(r.views.counts(at=some.NOON).values()),
    "licensed page": lambda r: _page(r, Part.LICENSED),
    "not licensed page": lambda r: _page(r, Part.NOT_LICENSED),
    "mapping rows": lambda r: r.views.mapping_rows(PAT, [TOWER], at=some.NOON),
    "draft rows": lambda r: r.views.draft_rows(PAT, at=some.NOON),
    "not permitted": lambda r: r.views.not_permitted(5)[1],
    "disconnected": lambda r: r.views.disconnected(5, at=some.NOON)[1],
    "tiles": lambda r: r.views.tiles(at=some.NOON, query="", number=1, per_page=10).total,
}

#: Writes with a value that names its account.
FOREIGN: dict[str, Callable[[Transaction], object]] = {
    "members": lambda tx: tx.members.put(some.member("sam", "acme"), replacing=0),
    "invitations": lambda tx: tx.invitations.put(some.invitation(), replacing=0),
    "tokens": lambda tx: tx.access_tokens.add(some.access_token(), "hash"),
    "trail": lambda tx: tx.trail.add(some.entry()),
    "profiles": lambda tx: tx.profiles.put(some.profile(), replacing=0),
    "listing": lambda tx: tx.platform_projects.put_listing(
        attrs.evolve(tx.platform_projects.listing(), account_id=ACME, version=1), replacing=0
    ),
    "projects": lambda tx: tx.projects.put(some.project(), replacing=0),
    "mappings": lambda tx: tx.mappings.put(some.mapping(), replacing=0),
    "orders": lambda tx: tx.orders.put(some.order(), replacing=0),
    "licenses": lambda tx: tx.licenses.put(some.license(), replacing=0),
    "jobs": lambda tx: tx.jobs.add(some.job()),
}


def _page(reading: Reading, part: Part) -> object:
    page = reading.views.mapping_page(PAT, part, at=some.NOON, query="", sort=Sort.NAME, number=1, per_page=10)
    return page.items


def fill(storage: Storage, account_id: AccountId) -> None:
    """Store one of everything in an account, under ids that do not depend on the account."""
    done = some.order("order-2", account_id, {"annex": some.PLANNER}).after(OrderEvent.CHECKOUT_STARTED)
    done = done.after(OrderEvent.PAYMENT_RECEIVED).after(OrderEvent.FULFILLED)
    with storage.transaction(account_id) as tx:
        tx.members.put(some.member("gone", account_id, removed_at=some.NOON), replacing=0)
        tx.invitations.put(some.invitation(account_id=account_id), replacing=0)
        tx.access_tokens.add(some.access_token(account_id=account_id), "hash")
        tx.trail.add(some.entry(account_id=account_id))
        tx.profiles.put(some.profile("acme-billing", account_id), replacing=0)
        barred = some.platform_project("barred", apps=frozenset())
        tx.platform_projects.replace_all([some.platform_project(), some.platform_project("annex"), barred])
        listing = attrs.evolve(tx.platform_projects.listing(), version=1)
        tx.platform_projects.put_listing(listing, replacing=0)
        tx.projects.put(some.project("tower", account_id), replacing=0)
        tx.projects.put(some.project("spare", account_id), replacing=0)
        tx.mappings.put(some.mapping("tower", account_id=account_id, state=MappingState.DISCONNECTED), replacing=0)
        tx.orders.put(some.order("order-1", account_id, checkout=some.checkout()), replacing=0)
        tx.orders.put(done, replacing=0)
        tx.licenses.put(some.license("license-1", account_id), replacing=0)
        tx.subscriptions.put(some.subscription(), replacing=None)
        tx.drafts.put(PAT, some.draft_row())
        tx.keyed_requests.put(CLAIMED, replacing=0)


class IsolationContract(StorageBench):
    @pytest.mark.parametrize("what", sorted(GETTERS))
    def test_an_id_of_another_account_is_like_an_unknown_one(self, opened: Storage, what: str) -> None:
        fill(opened, ACME)
        get, id = GETTERS[what], IDS[what]

        with opened.reading(ACME) as reading:
            get(reading, id)
        with opened.reading(GLOBEX) as reading:
            with pytest.raises(NotFound) as foreign:
                get(reading, id)
            with pytest.raises(NotFound) as unknown:
                get(reading, "nobody-has-it")

        assert str(foreign.value) == str(unknown.value).replace("nobody-has-it", id)

    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_another_accounts_rows_are_in_no_answer(self, opened: Storage, what: str) -> None:
        fill(opened, ACME)

        with opened.reading(ACME) as reading:
            mine = LOOKS[what](reading)
        with opened.reading(GLOBEX) as reading:
            theirs = LOOKS[what](reading)

        assert mine
        assert not theirs

    @pytest.mark.parametrize("what", sorted(FOREIGN))
    def test_a_value_of_another_account_is_not_taken(self, opened: Storage, what: str) -> None:
        with pytest.raises(OutOfScope), opened.transaction(GLOBEX) as tx:
            FOREIGN[what](tx)

        with opened.reading(ACME) as reading:
            assert reading.orders.open() == ()

    def test_two_accounts_may_use_the_same_ids(self, opened: Storage) -> None:
        fill(opened, ACME)
        with opened.reading(ACME) as reading:
            before = {what: look(reading) for what, look in LOOKS.items()}
        with opened.transaction(GLOBEX) as tx:
            tx.members.put(some.member("pat", "globex"), replacing=0)
        fill(opened, GLOBEX)

        with opened.reading(GLOBEX) as reading:
            assert all(look(reading) for look in LOOKS.values())
        with opened.reading(ACME) as reading:
            assert {what: look(reading) for what, look in LOOKS.items()} == before

    def test_a_version_of_another_account_cannot_be_replaced(self, opened: Storage) -> None:
        fill(opened, ACME)

        with opened.transaction(GLOBEX) as tx, pytest.raises(Stale):
            tx.licenses.put(some.license(account_id="globex", paused=True, version=2), replacing=1)
        with opened.reading(ACME) as reading:
            assert reading.licenses.all() == (some.license(),)

    def test_dropping_and_listing_leave_the_neighbor_alone(self, opened: Storage) -> None:
        fill(opened, ACME)

        with opened.transaction(GLOBEX) as tx:
            tx.drafts.drop(PAT, TOWER)
            tx.drafts.drop_everywhere([TOWER])
            tx.platform_projects.replace_all([])
            tx.access_tokens.drop_of_member(PAT)
            tx.access_tokens.used(some.access_token().id, some.NOON)
            tx.members.seen(PAT, some.NOON)

        with opened.reading(ACME) as reading:
            assert reading.drafts.row(PAT, TOWER) == some.draft_row()
            assert reading.platform_projects.get(TOWER).apps == some.BOTH_APPS
            assert reading.access_tokens.of_member(PAT) == (some.access_token(),)
            assert reading.access_tokens.of_member(PAT)[0].used_at is None
            assert reading.members.get(PAT).seen_at is None
