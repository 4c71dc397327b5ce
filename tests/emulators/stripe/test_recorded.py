"""
Flows recorded from the provider, asked of the emulator again: statuses and amounts agree, every difference is listed.

The list is the one people read, in docs/emulators-stripe.md: a new difference and one that vanished both fail here.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from tests.emulators.stripe.replaying import Exchange, Replay, flows, prices

DOCUMENT = Path(__file__).parents[3] / "docs" / "emulators-stripe.md"
RECORDED = flows()


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    known = prices(list(RECORDED.values()))
    return [each for flow, asked in RECORDED.items() for each in Replay(flow, asked, known).run()]


def test_every_recorded_request_is_asked(exchanges: list[Exchange]) -> None:
    assert len(exchanges) == sum(len(asked) for asked in RECORDED.values()) == 61
    assert [row[1] for row in _table("flows")] == list(RECORDED)


def test_every_status_agrees_but_for_those_listed(exchanges: list[Exchange]) -> None:
    number = {flow: str(index) for index, flow in enumerate(RECORDED, start=1)}

    refused = [
        [number[each.flow], each.what, str(each.recorded_status), str(each.status)]
        for each in exchanges
        if each.status != each.recorded_status
    ]

    assert refused == [row[:4] for row in _table("refused")]


def test_every_field_agrees_but_for_those_listed(exchanges: list[Exchange]) -> None:
    where: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in exchanges:
        for difference in each.differences:
            where[difference.field, difference.how].add(list(RECORDED).index(each.flow) + 1)

    found = {(field, how, " ".join(map(str, sorted(numbers)))) for (field, how), numbers in where.items()}

    assert found == {(row[0], row[1], row[2]) for row in _table("differences")}


def test_no_amount_and_no_status_differs_in_a_flow_that_is_not_refused(exchanges: list[Exchange]) -> None:
    refused = {each.flow for each in exchanges if each.status != each.recorded_status}
    money = re.compile(r"\.(status|payment_status|quantity|currency|(sub)?total\w*|amount\w*|unit_amount\w*)$")

    differing = {
        (each.flow, difference)
        for each in exchanges
        if each.flow not in refused
        for difference in each.differences
        if money.search(difference.field) and difference.how == "other"
    }

    assert differing == set()
    assert len(refused) < len(RECORDED) / 2


def _table(name: str) -> list[list[str]]:
    """Return the cells of a table of the document, without its head."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(f"<!-- recorded: {name} -->\n")[2]
    rows = [line for line in text.partition("\n\n")[0].splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split(" | ")] for row in rows]
