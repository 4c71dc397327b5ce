"""The two doors: what is stored when, who waits for whom, and what each door refuses."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import attrs
import pytest

from smartapp_domain.audit import Deed, Place
from smartapp_domain.ids import EntryId, JobId, LicenseId, MemberId, PersonId, PlatformProjectId, ProjectId
from smartapp_domain.ports.storage import (
    OPERATOR,
    NotFound,
    OutOfScope,
    Session,
    Stale,
    Storage,
    StorageError,
    Transaction,
    in_transaction,
)
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench
from smartapp_domain.testing.contracts.storage_keyed_requests import CLAIMED, KEY

Use = Callable[[Any], object]
"""Takes a `Reading` or a `Transaction`; which of them refuses is what these tests are about."""

PAT = MemberId("pat")


def _replaced(tx: Any, session: Session) -> None:
    with suppress(NotFound):
        tx.sessions.replace(session)


TOWER = PlatformProjectId("tower")

#: Every way to write into an account, and every way to read from one.
ACCOUNT_WRITES: dict[str, Use] = {
    "members.put": lambda tx: tx.members.put(some.member("sam"), replacing=0),
    "members.seen": lambda tx: tx.members.seen(PAT, some.NOON),
    "invitations.put": lambda tx: tx.invitations.put(some.invitation(), replacing=0),
    "access_tokens.add": lambda tx: tx.access_tokens.add(some.access_token(), "hash"),
    "access_tokens.drop_of_member": lambda tx: tx.access_tokens.drop_of_member(PAT),
    "access_tokens.used": lambda tx: tx.access_tokens.used(some.access_token().id, some.NOON),
    "profiles.put": lambda tx: tx.profiles.put(some.profile(), replacing=0),
    "platform_projects.replace_all": lambda tx: tx.platform_projects.replace_all([some.platform_project()]),
    "platform_projects.note": lambda tx: tx.platform_projects.note([some.platform_project()]),
    "platform_projects.put_listing": lambda tx: tx.platform_projects.put_listing(
        attrs.evolve(tx.platform_projects.listing(), version=1), replacing=0
    ),
    "drafts.put": lambda tx: tx.drafts.put(PAT, some.draft_row()),
    "drafts.drop": lambda tx: tx.drafts.drop(PAT, TOWER),
    "drafts.drop_everywhere": lambda tx: tx.drafts.drop_everywhere([TOWER]),
    "projects.put": lambda tx: tx.projects.put(some.project(), replacing=0),
    "mappings.put": lambda tx: tx.mappings.put(some.mapping(), replacing=0),
    "orders.put": lambda tx: tx.orders.put(some.order(), replacing=0),
    "licenses.put": lambda tx: tx.licenses.put(some.license(), replacing=0),
    "keyed_requests.put": lambda tx: tx.keyed_requests.put(CLAIMED, replacing=0),
    "keyed_requests.drop_begun_before": lambda tx: tx.keyed_requests.drop_begun_before(some.NOON),
    "subscriptions.put": lambda tx: tx.subscriptions.put(some.subscription(), replacing=None),
}
ACCOUNT_READS: dict[str, Use] = {
    "members.all": lambda tx: tx.members.all(),
    "members.former": lambda tx: tx.members.former(),
    "members.of_person": lambda tx: tx.members.of_person(PersonId("pat")),
    "invitations.all": lambda tx: tx.invitations.all(),
    "invitations.of_email": lambda tx: tx.invitations.of_email("invitation@example.com"),
    "invitations.of_secret": lambda tx: tx.invitations.of_secret("hash of invitation"),
    "access_tokens.of_member": lambda tx: tx.access_tokens.of_member(PAT),
    "trail.page": lambda tx: tx.trail.page(limit=5, after=Place(some.NOON, EntryId("e")), deeds=Deed, member_id=PAT),
    "profiles.default": lambda tx: tx.profiles.default(),
    "platform_projects.some": lambda tx: tx.platform_projects.some([TOWER]),
    "platform_projects.listing": lambda tx: tx.platform_projects.listing(),
    "keyed_requests.get": lambda tx: tx.keyed_requests.get(KEY),
    "drafts.get": lambda tx: tx.drafts.get(PAT),
    "drafts.row": lambda tx: tx.drafts.row(PAT, TOWER),
    "projects.unlinked": lambda tx: tx.projects.unlinked(),
    "mappings.of_platform_project": lambda tx: tx.mappings.of_platform_project(TOWER),
    "mappings.of_project": lambda tx: tx.mappings.of_project(ProjectId("tower")),
    "orders.open": lambda tx: tx.orders.open(),
    "orders.of_project": lambda tx: tx.orders.of_project(TOWER),
    "licenses.all": lambda tx: tx.licenses.all(),
    "licenses.of_projects": lambda tx: tx.licenses.of_projects([ProjectId("tower")]),
    "subscriptions.all": lambda tx: tx.subscriptions.all(),
    "views.counts": lambda tx: tx.views.counts(at=some.NOON),
    "views.mapping_page": lambda tx: tx.views.mapping_page(
        PAT, Part.LICENSED, at=some.NOON, query="", sort=Sort.NAME, number=1, per_page=10
    ),
    "views.mapping_rows": lambda tx: tx.views.mapping_rows(PAT, [TOWER], at=some.NOON),
    "views.draft_rows": lambda tx: tx.views.draft_rows(PAT, at=some.NOON),
    "views.not_permitted": lambda tx: tx.views.not_permitted(5),
    "views.disconnected": lambda tx: tx.views.disconnected(5, at=some.NOON),
    "views.tiles": lambda tx: tx.views.tiles(at=some.NOON, query="", number=1, per_page=10),
}
OPERATOR_WRITES: dict[str, Use] = {
    "accounts.add": lambda tx: tx.accounts.add(some.account("initech")),
    "people.put": lambda tx: tx.people.put(some.person("sam")),
    "sessions.put": lambda tx: tx.sessions.put(some.session()),
    "sessions.replace": lambda tx: _replaced(tx, some.session("ended meanwhile")),
    "sessions.drop": lambda tx: tx.sessions.drop("session"),
    "sessions.drop_of_person": lambda tx: tx.sessions.drop_of_person(PersonId("pat")),
    "sessions.seen": lambda tx: tx.sessions.seen("session", some.NOON),
    "jobs.forget_done": lambda tx: tx.jobs.forget_done(some.NOON),
    "sessions.drop_expired": lambda tx: tx.sessions.drop_expired(some.NOON),
    "inbox.add": lambda tx: tx.inbox.add(some.billing_event(), b"{}", some.NOON),
    "inbox.forget_handled": lambda tx: tx.inbox.forget_handled(some.NOON),
    "jobs.claim": lambda tx: tx.jobs.claim(JobId("job-1"), at=some.NOON),
    "jobs.renew": lambda tx: tx.jobs.renew(some.job(), at=some.NOON),
    "jobs.finish": lambda tx: tx.jobs.finish(some.job()),
}
OPERATOR_READS: dict[str, Use] = {
    "accounts.of_company": lambda tx: tx.accounts.of_company(some.account().company),
    "accounts.of_person": lambda tx: tx.accounts.of_person(PersonId("pat")),
    "accounts.of_order": lambda tx: tx.accounts.of_order(some.order().id),
    "accounts.of_subscription": lambda tx: tx.accounts.of_subscription(some.subscription().id),
    "accounts.of_invitation": lambda tx: tx.accounts.of_invitation("hash of invitation"),
    "accounts.of_token": lambda tx: tx.accounts.of_token("hash"),
    "people.get": lambda tx: tx.people.get(PersonId("pat")),
    "sessions.get": lambda tx: tx.sessions.get("session"),
    "sessions.of_person": lambda tx: tx.sessions.of_person(PersonId("pat")),
    "jobs.due": lambda tx: tx.jobs.due(some.NOON, 10),
    "jobs.failed": lambda tx: tx.jobs.failed(),
}


def _each(*uses: dict[str, Use]) -> pytest.MarkDecorator:
    every = [pytest.param(use, id=name) for group in uses for name, use in group.items()]
    return pytest.mark.parametrize("use", every)


def _write_and_fail(tx: Transaction) -> None:
    tx.projects.put(some.project(), replacing=0)
    tx.licenses.put(some.license(), replacing=0)
    tx.jobs.add(some.job())
    raise ZeroDivisionError


class DoorsContract(StorageBench):
    def test_what_a_transaction_wrote_is_there_after_it(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(), replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.projects.get(ProjectId("tower")) == some.project()

    def test_an_error_takes_everything_back(self, opened: Storage) -> None:
        with pytest.raises(ZeroDivisionError), opened.transaction(ACME) as tx:
            _write_and_fail(tx)

        with opened.reading(ACME) as reading:
            assert reading.projects.unlinked() == ()
            assert reading.licenses.all() == ()
        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.due(some.NOON, 10) == ()

    @_each(ACCOUNT_WRITES)
    def test_an_account_can_be_written_only_in_a_transaction(self, opened: Storage, use: Use) -> None:
        with opened.reading(ACME) as reading, pytest.raises(OutOfScope):
            use(reading)  # the same object as a transaction's, except that it only reads

        with opened.transaction(ACME) as tx:
            use(tx)

    @_each(OPERATOR_WRITES)
    def test_the_operators_rows_can_be_written_only_in_a_transaction(self, opened: Storage, use: Use) -> None:
        with opened.reading(OPERATOR) as reading, pytest.raises(OutOfScope):
            use(reading)

        with opened.transaction(OPERATOR) as tx:
            use(tx)

    @_each(ACCOUNT_WRITES, ACCOUNT_READS)
    def test_an_accounts_rows_are_not_behind_the_operators_door(self, opened: Storage, use: Use) -> None:
        with pytest.raises(OutOfScope), opened.transaction(OPERATOR) as tx:
            use(tx)

    @_each(OPERATOR_WRITES, OPERATOR_READS)
    def test_the_operators_rows_are_not_behind_an_accounts_door(self, opened: Storage, use: Use) -> None:
        with pytest.raises(OutOfScope), opened.transaction(ACME) as tx:
            use(tx)

    def test_jobs_can_be_added_behind_every_door_but_not_while_reading(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading, pytest.raises(OutOfScope):
            reading.jobs.add(some.job())

        with opened.transaction(ACME) as tx:
            tx.jobs.add(some.job())
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job("job-2", subject="order-2"))
            assert len(tx.jobs.due(some.NOON, 10)) == 2

    def test_a_second_transaction_inside_the_first_is_refused_before_it_can_wait_for_ever(
        self, opened: Storage
    ) -> None:
        with opened.transaction(ACME), pytest.raises(StorageError, match="open already"), opened.transaction(GLOBEX):
            pass

    def test_whoever_asks_is_told_that_a_transaction_is_open(self, opened: Storage) -> None:
        with opened.transaction(ACME):
            inside = in_transaction.get()
        with pytest.raises(ZeroDivisionError), opened.transaction(ACME):
            raise ZeroDivisionError

        assert inside
        assert not in_transaction.get()

    def test_readers_do_not_wait_for_a_writer_and_see_the_last_commit(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(), replacing=0)
            with opened.reading(ACME) as reading:
                assert reading.projects.unlinked() == ()

        with opened.reading(ACME) as reading:
            assert len(reading.projects.unlinked()) == 1

    def test_one_reading_is_one_look_even_when_somebody_commits_meanwhile(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading:
            before = reading.projects.unlinked()
            with opened.transaction(ACME) as tx:
                tx.projects.put(some.project(), replacing=0)

            assert reading.projects.unlinked() == before == ()

    def test_of_many_writers_at_once_none_overwrites_another(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(name="0"), replacing=0)
        start = threading.Barrier(4)

        def count_up(_: int) -> None:
            start.wait()
            for _ in range(5):
                with opened.transaction(ACME) as tx:
                    now = tx.projects.get(ProjectId("tower"))
                    after = attrs.evolve(now, name=str(int(now.name) + 1), version=now.version + 1)
                    tx.projects.put(after, replacing=now.version)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(count_up, range(4)))

        with opened.reading(ACME) as reading:
            assert reading.projects.get(ProjectId("tower")).name == "20"

    def test_what_was_read_outside_may_be_stale_inside(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(), replacing=0)
        with opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(paused=True, version=2), replacing=1)

        with pytest.raises(Stale), opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(version=2), replacing=1)
        with opened.reading(ACME) as reading:
            (stored,) = reading.licenses.all()
        assert stored.id == LicenseId("license-1")
        assert stored.paused

    def test_an_unknown_account_is_no_account(self, opened: Storage) -> None:
        with opened.reading(OPERATOR) as reading, pytest.raises(NotFound):
            reading.accounts.get(some.account("nobody").id)
