import enum
from collections.abc import Mapping
from itertools import product

import attrs
import pytest

from smartapp_domain.connections import CONNECTION_TRANSITIONS, ConnectionEvent, ConnectionState
from smartapp_domain.ids import AccountId, PlatformProjectId, ProjectId
from smartapp_domain.licensing import LICENSE_TRANSITIONS, LicenseEvent, LicenseState
from smartapp_domain.lifecycle import IllegalMove, advance
from smartapp_domain.mapping import MAPPING_TRANSITIONS, MappingEvent, MappingState, ProjectMapping
from smartapp_domain.ordering import OPEN_STATES, ORDER_TRANSITIONS, OrderEvent, OrderState
from smartapp_domain.testing.strategies import EPOCH

TABLES = [
    pytest.param(MAPPING_TRANSITIONS, MappingState, MappingEvent, MappingState.AVAILABLE, id="mapping"),
    pytest.param(ORDER_TRANSITIONS, OrderState, OrderEvent, OrderState.OPEN, id="order"),
    pytest.param(LICENSE_TRANSITIONS, LicenseState, LicenseEvent, LicenseState.PENDING, id="license"),
    pytest.param(CONNECTION_TRANSITIONS, ConnectionState, ConnectionEvent, ConnectionState.READY, id="connection"),
]
Table = Mapping[tuple[enum.Enum, enum.Enum], enum.Enum]


@pytest.mark.parametrize(("table", "states", "events", "start"), TABLES)
def test_a_pair_that_is_absent_is_illegal(
    table: Table, states: type[enum.Enum], events: type[enum.Enum], start: enum.Enum
) -> None:
    for state, event in product(states, events):
        if (state, event) in table:
            assert advance(table, state, event) is table[state, event]
        else:
            with pytest.raises(IllegalMove, match=state.value):
                advance(table, state, event)
    assert start in states


@pytest.mark.parametrize(("table", "states", "events", "start"), TABLES)
def test_every_state_can_be_reached_and_every_event_happens(
    table: Table, states: type[enum.Enum], events: type[enum.Enum], start: enum.Enum
) -> None:
    found = {start}
    while more := {then for (state, _), then in table.items() if state in found} - found:
        found |= more

    assert found == set(states)
    assert {event for _, event in table} == set(events)


def test_what_is_over_stays_over() -> None:
    assert not [pair for pair in LICENSE_TRANSITIONS if pair[0] is LicenseState.ENDED]
    assert not [pair for pair in ORDER_TRANSITIONS if pair[0] in (OrderState.FULFILLED, OrderState.CLOSED)]


def test_an_order_is_fulfilled_once_and_only_after_payment() -> None:
    into = [state for (state, _), then in ORDER_TRANSITIONS.items() if then is OrderState.FULFILLED]

    assert into == [OrderState.PAID]
    assert OrderState.FULFILLED not in OPEN_STATES


def test_a_mapping_moves_one_version_at_a_time() -> None:
    mapping = ProjectMapping(AccountId("a"), PlatformProjectId("1"), ProjectId("p"), MappingState.LINKED, EPOCH)

    lost = mapping.after(MappingEvent.CONNECTION_LOST)

    assert lost == attrs.evolve(mapping, state=MappingState.DISCONNECTED, version=2)
    with pytest.raises(IllegalMove):
        lost.after(MappingEvent.TICKED)
