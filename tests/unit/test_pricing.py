from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.catalog import PRODUCTS, AddOn, Interval, Module, Product
from smartapp_domain.money import usd
from smartapp_domain.pricing import (
    LIST_PRICES,
    BadPrice,
    MissingPrice,
    OnRequest,
    PriceBook,
    fingerprint,
    quote,
)
from smartapp_domain.selection import Selection, with_product
from smartapp_domain.testing.strategies import intervals, price_books, products, selections


def test_the_list_price_of_two_planner_and_two_safety_a_month() -> None:
    both = Selection.of(Module.PLANNER, Module.SAFETY)

    offered = quote([both, both], Interval.MONTH, LIST_PRICES)

    assert usd(offered.total_cents) == "$1,780.00"
    assert [(line.product, line.quantity) for line in offered.lines] == [(Module.PLANNER, 2), (Module.SAFETY, 2)]


def test_lines_are_grouped_by_module_each_followed_by_its_add_on() -> None:
    everything = Selection.of(*PRODUCTS)

    offered = quote([everything], Interval.YEAR, LIST_PRICES)

    assert [line.product for line in offered.lines] == [
        Module.PLANNER,
        AddOn.PLANNER_BOARD,
        Module.SAFETY,
        AddOn.SAFETY_BADGE,
    ]


@given(st.lists(selections()), st.lists(selections()), intervals(), price_books())
def test_a_quote_is_additive_over_projects(
    some: list[Selection], more: list[Selection], interval: Interval, book: PriceBook
) -> None:
    whole = quote([*some, *more], interval, book)

    assert whole.total_cents == quote(some, interval, book).total_cents + quote(more, interval, book).total_cents


@given(st.lists(selections(), min_size=1), products(), intervals(), price_books())
def test_a_quote_never_falls_when_something_is_added(
    chosen: list[Selection], product: Product, interval: Interval, book: PriceBook
) -> None:
    more = [with_product(chosen[0], product), *chosen[1:]]

    assert quote(more, interval, book).total_cents >= quote(chosen, interval, book).total_cents


@given(st.data(), st.lists(selections()), intervals(), price_books())
def test_a_quote_is_blind_to_the_order_of_projects(
    data: st.DataObject, chosen: list[Selection], interval: Interval, book: PriceBook
) -> None:
    shuffled = data.draw(st.permutations(chosen))

    assert quote(shuffled, interval, book) == quote(chosen, interval, book)


@given(st.lists(selections()), intervals(), price_books())
def test_what_is_left_out_is_no_part_of_the_total(chosen: list[Selection], interval: Interval, book: PriceBook) -> None:
    offered = quote(chosen, interval, book)

    priced = {line.product for line in offered.lines}
    assert priced.isdisjoint(add_on for add_on, _ in offered.left_out)
    assert offered.total_cents == sum(line.quantity * line.unit_cents for line in offered.lines)


def test_reading_17_an_add_on_on_request_is_left_out_and_counted() -> None:
    book = attrs.evolve(LIST_PRICES, add_ons={AddOn.PLANNER_BOARD: OnRequest(), AddOn.SAFETY_BADGE: 0})

    offered = quote([Selection.of(Module.PLANNER, AddOn.PLANNER_BOARD)], Interval.MONTH, book)

    assert offered.total_cents == 29_500
    assert offered.left_out == ((AddOn.PLANNER_BOARD, 1),)


def test_reading_17_add_ons_are_included_by_default() -> None:
    offered = quote([Selection.of(*PRODUCTS)], Interval.MONTH, LIST_PRICES)

    assert offered.quantity(AddOn.SAFETY_BADGE) == 1
    assert offered.total_cents == 29_500 + 59_500


@given(products(), price_books())
def test_reading_18_a_year_is_twelve_months_less_the_discount_rounded_half_up(
    product: Product, book: PriceBook
) -> None:
    monthly, yearly = (book.unit_cents(product, interval) for interval in (Interval.MONTH, Interval.YEAR))

    if isinstance(monthly, int):
        assert isinstance(yearly, int)
        exact = 12 * monthly * (1 - book.yearly_discount)
        assert Decimal(yearly) - Decimal("0.5") <= exact < Decimal(yearly) + Decimal("0.5")


def test_reading_18_there_is_no_yearly_discount_by_default() -> None:
    assert LIST_PRICES.unit_cents(Module.PLANNER, Interval.YEAR) == 354_000


def test_reading_19_an_add_on_may_be_sold_yearly_only() -> None:
    book = attrs.evolve(LIST_PRICES, yearly_only=frozenset({AddOn.SAFETY_BADGE}))
    chosen = [Selection.of(Module.SAFETY, AddOn.SAFETY_BADGE)]

    assert quote(chosen, Interval.MONTH, book).left_out == ((AddOn.SAFETY_BADGE, 1),)
    assert quote(chosen, Interval.YEAR, book).quantity(AddOn.SAFETY_BADGE) == 1
    assert not LIST_PRICES.yearly_only


@pytest.mark.parametrize("module", Module)
def test_a_module_without_a_price_is_an_error_that_names_it(module: Module) -> None:
    prices = {each: 100 for each in Module if each is not module}

    with pytest.raises(MissingPrice, match=module.label):
        PriceBook(1, prices, {})


@pytest.mark.parametrize("discount", ["-0.01", "1", "1.5"])
def test_a_discount_out_of_bounds_is_refused(discount: str) -> None:
    with pytest.raises(BadPrice, match="yearly discount"):
        attrs.evolve(LIST_PRICES, yearly_discount=Decimal(discount))


def test_a_negative_price_is_refused_by_name() -> None:
    with pytest.raises(BadPrice, match="Safety"):
        PriceBook(1, {Module.PLANNER: 0, Module.SAFETY: -1}, {})


@given(st.dictionaries(st.text(min_size=1, max_size=5), selections(min_modules=1), min_size=1, max_size=5))
def test_a_fingerprint_changes_with_anything_the_customer_agreed_to(chosen: dict[str, Selection]) -> None:
    def print_of(picked: dict[str, Selection], interval: Interval, book: PriceBook) -> str:
        return fingerprint(picked, quote(picked.values(), interval, book), book)

    seen = print_of(chosen, Interval.MONTH, LIST_PRICES)
    dearer = attrs.evolve(LIST_PRICES, modules={Module.PLANNER: 1, Module.SAFETY: 2})

    assert seen == print_of(dict(reversed(chosen.items())), Interval.MONTH, LIST_PRICES)
    assert seen != print_of(chosen, Interval.YEAR, LIST_PRICES)
    assert seen != print_of(chosen, Interval.MONTH, dearer)
    assert seen != print_of({**chosen, "another project": Selection.of(Module.SAFETY)}, Interval.MONTH, LIST_PRICES)


@pytest.mark.parametrize(("cents", "text"), [(0, "$0.00"), (5, "$0.05"), (178_000, "$1,780.00"), (-500, "-$5.00")])
def test_money_reads_as_in_the_us(cents: int, text: str) -> None:
    assert usd(cents) == text
