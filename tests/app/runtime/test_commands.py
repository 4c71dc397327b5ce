"""Commands as somebody types them, in this process."""

import json
import os
from pathlib import Path

import pytest
from tests.servers.postgres import PostgresDatabase

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.builders import job
from smartapp_runtime.cli import main
from smartapp_runtime.parts.storage import no_keys, open_storage
from smartapp_runtime.settings import Settings, load


def hold() -> None:
    storage = open_storage(load(os.environ).settings, no_keys())
    with storage.transaction(OPERATOR) as tx:
        tx.jobs.add(job(state=JobState.FAILED, attempts=8, problem="PaymentsUnavailable: Stripe is down."))
        tx.jobs.add(job("job-2", JobKind.REVIEW, "merge:s-1", state=JobState.FAILED, problem="Merge them."))
    storage.dispose()


def test_a_quote_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quote", "--planner", "3", "--safety", "1", "--planner-board", "1", "--interval", "year"]) == 0

    told = capsys.readouterr().out
    assert "$17,760.00" in told
    assert "Included" in told


def test_a_quote_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["quote", "--planner", "3", "--safety", "1", "--planner-board", "1", "--interval", "month", "--json"]) == 0
    )

    told = json.loads(capsys.readouterr().out)
    assert told["total_cents"] == 148_000
    assert [(line["product"], line["quantity"], line["amount_cents"]) for line in told["lines"]] == [
        ("planner", 3, 88_500),
        ("planner_board", 1, 0),
        ("safety", 1, 59_500),
    ]


@pytest.mark.parametrize("line", ["quote --planner 1 --planner-board 2", "quote --planner -1", "quote --interval week"])
def test_a_quote_that_makes_no_sense_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2

    assert "Error:" in capsys.readouterr().err


def test_settings_are_listed_with_source_and_meaning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_STRIPE_API_KEY", "sk_test_verysecret")
    monkeypatch.setenv("SMARTAPP_PROT", "1")

    assert main(["config"]) == 0
    plain = capsys.readouterr()
    assert main(["config", "--json"]) == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)["settings"]}

    assert "SMARTAPP_STRIPE_API_KEY = (set, hidden)  (environment)" in plain.out
    assert "Do you mean SMARTAPP_PORT?" in plain.err
    assert listed["SMARTAPP_PORT"]["source"] == "default"
    assert "verysecret" not in plain.out


def test_a_new_key_is_one_the_storage_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from smartapp_runtime.parts.storage import encryption_keys  # noqa: PLC0415 - the command must be run first

    assert main(["config", "--new-key"]) == 0
    key = capsys.readouterr().out.strip()

    assert encryption_keys(Settings(encryption_keys=key)).current_id == key.partition(":")[0]
    monkeypatch.undo()


def test_a_wrong_setting_stops_every_command_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_PORT", "eighty")

    assert main(["serve"]) == 2

    assert capsys.readouterr().err == "SMARTAPP_PORT must be a whole number from 0 to 65535, not 'eighty'.\n"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("url", ["foo", "sqlite+foo:///x", "postgresql://db:port/smartapp"])
@pytest.mark.parametrize("command", ["migrate", "doctor", "jobs failed"])
def test_an_address_that_is_none_is_a_wrong_setting_for_every_command(
    command: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", url)

    assert main(command.split()) == 2

    assert capsys.readouterr().err.startswith("SMARTAPP_DATABASE_URL")


def test_serving_without_credentials_names_all_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_PORT", "0")

    assert main(["serve"]) == 2

    assert "SMARTAPP_ENCRYPTION_KEYS is not set" in capsys.readouterr().err


def test_migrating_twice_is_as_good_as_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", f"sqlite:///{tmp_path / 'smartapp.db'}")

    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0

    assert "up to date" in capsys.readouterr().out


def test_migrating_under_the_login_of_the_app_says_what_is_missing(
    postgres_database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", postgres_database.app_url)

    assert main(["migrate"]) != 0

    assert "Run as an administrator: GRANT smartapp_migrator TO" in capsys.readouterr().err


def test_working_under_the_login_of_the_migrator_is_refused(
    postgres_database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", postgres_database.app_url)
    monkeypatch.setenv("SMARTAPP_OPERATOR_DATABASE_URL", postgres_database.migrator_url)

    assert main(["jobs", "failed"]) != 0

    told = capsys.readouterr().err
    assert "SMARTAPP_OPERATOR_DATABASE_URL" in told
    assert "REVOKE smartapp_migrator FROM" in told


@pytest.mark.parametrize("line", ["migrate", "jobs failed"])
def test_a_database_out_of_reach_is_named(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", f"sqlite:///{tmp_path / 'no-such-directory' / 'smartapp.db'}")

    assert main(line.split()) != 0

    assert "SMARTAPP_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["jobs failed", "jobs retry x", "jobs resolve x", "keys list", "doctor"])
def test_a_command_that_only_looks_makes_no_database(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"k:{'A' * 43}=")

    assert main(line.split()) != 0

    told = capsys.readouterr()
    assert "here is no database smartapp.db" in told.out + told.err
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_told_once_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "smartapp.db").touch()
    monkeypatch.setenv("SMARTAPP_DATABASE_URL", f"sqlite:///{tmp_path / 'smartapp.db'}")

    assert main(["jobs", "failed"]) != 0

    assert capsys.readouterr().err.count("`smartapp migrate`") == 1


@pytest.mark.usefixtures("here")
def test_the_operators_list(capsys: pytest.CaptureFixture[str]) -> None:
    hold()
    capsys.readouterr()

    assert main(["jobs", "failed"]) == 0
    assert "Merge them." in capsys.readouterr().out
    assert main(["jobs", "retry", "job-2"]) == 1
    assert "smartapp jobs resolve job-2" in capsys.readouterr().err
    assert main(["jobs", "resolve", "job-2"]) == 0
    assert main(["jobs", "retry", "job-1"]) == 0
    capsys.readouterr()
    assert main(["jobs", "failed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    storage = open_storage(load(os.environ).settings, no_keys())
    with storage.reading(OPERATOR) as reading:
        assert reading.jobs.get(JobId("job-1")).state is JobState.WAITING
        assert reading.jobs.get(JobId("job-2")).state is JobState.DONE
    storage.dispose()
