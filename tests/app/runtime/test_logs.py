"""Log lines: for people or for a collector, and never a secret."""

import json
import logging
from collections.abc import Iterator

import pytest

from smartapp_runtime import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_secret_is_hidden_wherever_a_message_quotes_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "plain", ["sk_test_hush", "", "e"])

    try:
        int("sk_test_hush")  # whose error quotes it
    except ValueError:
        logging.getLogger("anything").exception("Calling with %s failed.", "sk_test_hush")

    told = capsys.readouterr().err
    assert "hush" not in told
    assert "Calling with (hidden) failed." in told


def test_json_lines_can_be_read_by_a_collector(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", [])

    logging.getLogger("anything").warning("First line\nsecond line")

    told = json.loads(capsys.readouterr().err)
    assert (told["level"], told["logger"], told["message"]) == ("warning", "anything", "First line\nsecond line")


def test_what_is_less_severe_than_asked_for_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "plain", [])

    logging.getLogger("anything").info("chatter")

    assert capsys.readouterr().err == ""


def test_addresses_of_calls_are_not_logged_at_info(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "plain", [])

    logging.getLogger("httpx").info("HTTP Request: POST https://login.example.com/oauth/token?code=1234")

    assert capsys.readouterr().err == ""
