"""Looking for due jobs and claiming one must never read jobs that are not due: there may be a million of them."""

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from tests.contract.brokers.site import MakeStorage
from tests.servers.postgres import PostgresDatabase

from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.builders import NOON

NOT_DUE = 2_000
WHOLE_TABLE = ("SCAN jobs", "Seq Scan on jobs")


@pytest.mark.contract
def test_no_statement_of_a_worker_reads_the_whole_queue(
    make: MakeStorage, database: dict[str, str], request: pytest.FixtureRequest
) -> None:
    storage = make(lambda _: None)
    with storage.transaction(OPERATOR) as tx:
        tx.jobs.add(some.job("due", subject="due"))
        for number in range(NOT_DUE):
            tx.jobs.add(some.job(f"job-{number}", subject=f"order-{number}", due_at=NOON.replace(year=2099)))
    if database["SMARTAPP_DATABASE_URL"].startswith("postgresql"):
        _count_rows(request.getfixturevalue("postgres_database"))
    seen: list[tuple[Any, str, Any]] = []

    def note(connection: sa.Connection, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        del cursor
        if "jobs" in statement and not statement.startswith("EXPLAIN"):
            seen.append((connection, statement, parameters))

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with storage.transaction(OPERATOR) as tx:
            assert tx.jobs.due(NOON, 100) == ("due",)
            held = tx.jobs.claim(JobId("due"), at=NOON)
            assert held is not None
            tx.jobs.hold(held)
            tx.jobs.renew(held, at=NOON)
            tx.jobs.finish(held)
            plans = {statement: _plan(connection, statement, parameters) for connection, statement, parameters in seen}
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)

    assert len(plans) >= 6
    assert not {statement: plan for statement, plan in plans.items() if any(bad in plan for bad in WHOLE_TABLE)}
    (looking,) = [plan for statement, plan in plans.items() if "LIMIT" in statement]
    assert "jobs_by_due" in looking


def _count_rows(database: PostgresDatabase) -> None:
    """Tell the planner what is in the table now, as the server does by itself a minute later."""
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("ANALYZE jobs")


def _plan(connection: sa.Connection, statement: str, parameters: Any) -> str:
    explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    return "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
