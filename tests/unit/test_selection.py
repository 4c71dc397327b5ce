import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.catalog import REQUIRES, AddOn, Module, Product
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import DraftRow, Tick, summarize, ticked
from smartapp_domain.selection import NOTHING, AddOnWithoutModule, Selection, with_product, without_product
from smartapp_domain.testing.strategies import products, selections, ticks


@pytest.mark.parametrize("add_on", AddOn)
def test_an_add_on_without_its_module_cannot_be_built(add_on: AddOn) -> None:
    others = frozenset(Module) - {REQUIRES[add_on]}

    with pytest.raises(AddOnWithoutModule, match=f"{add_on.label} needs {REQUIRES[add_on].label}"):
        Selection(others, frozenset({add_on}))


@given(st.lists(ticks(), max_size=60))
def test_no_sequence_of_ticks_makes_an_invalid_selection(sequence: list[Tick]) -> None:
    rows: dict[str, DraftRow | None] = {}
    for tick in sequence:
        rows[tick.platform_project_id] = ticked(rows.get(tick.platform_project_id), tick)

    for row in rows.values():
        if row is not None:
            assert all(REQUIRES[add_on] in row.selection.modules for add_on in row.selection.add_ons)


@given(selections(), products())
def test_reading_07_unticking_takes_what_depends_on_it_along(before: Selection, product: Product) -> None:
    after = without_product(before, product)

    assert product not in after
    assert all(REQUIRES[gone] is product for gone in before.add_ons - after.add_ons if gone is not product)


@given(selections(), st.sampled_from(Module))
def test_reading_07_ticking_again_restores_nothing(before: Selection, module: Module) -> None:
    again = with_product(without_product(before, module), module)

    assert not [add_on for add_on in again.add_ons if REQUIRES[add_on] is module]


def test_reading_07_unticking_a_project_clears_modules_and_add_ons() -> None:
    row = DraftRow(PlatformProjectId("1"), Selection.of(*Module, *AddOn))

    gone = ticked(row, Tick(row.platform_project_id, None, on=False))
    back = ticked(gone, Tick(row.platform_project_id, None, on=True))

    assert gone is None
    assert back is not None
    assert back.selection == NOTHING


@pytest.mark.parametrize("on", [True, False])
@given(st.data(), st.lists(products(), max_size=8))
def test_ticks_that_all_say_the_same_commute(on: bool, data: st.DataObject, boxes: list[Product]) -> None:  # noqa: FBT001 - a parameter of the test
    start = DraftRow(PlatformProjectId("1"), NOTHING if on else Selection.of(*Module, *AddOn))
    shuffled = data.draw(st.permutations(boxes))

    def end(order: list[Product]) -> DraftRow | None:
        row: DraftRow | None = start
        for box in [*order, *order]:  # a tick that arrives twice says nothing new
            row = ticked(row, Tick(start.platform_project_id, box, on=on))
        return row

    assert end(boxes) == end(shuffled)


@given(st.lists(ticks(projects=4), max_size=40))
def test_ticks_of_different_projects_commute(sequence: list[Tick]) -> None:
    def end(order: list[Tick]) -> dict[str, DraftRow | None]:
        rows: dict[str, DraftRow | None] = {}
        for tick in order:
            rows[tick.platform_project_id] = ticked(rows.get(tick.platform_project_id), tick)
        return rows

    by_project = sorted(sequence, key=lambda tick: tick.platform_project_id)  # stable: each project keeps its order

    assert end(sequence) == end(by_project)


@given(st.lists(selections(), max_size=20))
def test_the_summary_counts_each_product_over_all_projects(chosen: list[Selection]) -> None:
    summary = summarize(chosen)

    assert summary.projects == len(chosen)
    assert sum(summary.counts.values()) == sum(len(selection.products) for selection in chosen)
