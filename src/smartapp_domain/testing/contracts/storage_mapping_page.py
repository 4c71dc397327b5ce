"""The mapping page's read model: parts, search, sort, pages, and how a row stands."""

from datetime import datetime, timedelta

import pytest

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import MemberId, PlatformProjectId
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderEvent, OrderState
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.views import Claim, MappingRow, Page, Part, Sort
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

PAT, SAM = MemberId("pat"), MemberId("sam")
TOWER = PlatformProjectId("tower")
LATER = some.NOON + timedelta(days=30)


def _list(storage: Storage, *projects: PlatformProject) -> None:
    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(projects)


def _license(storage: Storage, id: str, *modules: Module, ends_at: datetime | None = None) -> None:
    with storage.transaction(ACME) as tx:
        tx.projects.put(some.project(id), replacing=0)
        tx.mappings.put(some.mapping(id), replacing=0)
        for module in modules:
            each = some.license(f"{id}-{module.value}", project_id=id, product=module, ends_at=ends_at)
            tx.licenses.put(each, replacing=0)


def _page(
    storage: Storage,
    part: Part = Part.NOT_LICENSED,
    *,
    query: str = "",
    sort: Sort = Sort.NAME,
    number: int = 1,
    per_page: int = 50,
    at: datetime = some.NOON,
) -> Page[MappingRow]:
    with storage.reading(ACME) as reading:
        return reading.views.mapping_page(PAT, part, at=at, query=query, sort=sort, number=number, per_page=per_page)


def _ids(page: Page[MappingRow]) -> list[str]:
    return [row.project.id for row in page.items]


def _row(storage: Storage, *, member_id: MemberId = PAT, at: datetime = some.NOON) -> MappingRow:
    with storage.reading(ACME) as reading:
        return reading.views.mapping_rows(member_id, [TOWER], at=at)[TOWER]


class MappingPageContract(StorageBench):
    def test_the_parts_partition_what_is_listed(self, opened: Storage) -> None:
        barred = some.platform_project("barred", apps=frozenset())
        asleep = some.platform_project("asleep", active=False)
        kept = [some.platform_project(id, apps=frozenset(), active=False) for id in ("p", "s", "both")]
        _list(opened, some.platform_project(), barred, asleep, *kept)
        _license(opened, "p", Module.PLANNER)
        _license(opened, "s", Module.SAFETY)
        _license(opened, "both", Module.SAFETY, Module.PLANNER)

        with opened.reading(ACME) as reading:
            counts = reading.views.counts(at=some.NOON)

        assert counts == {Part.NOT_LICENSED: 1, Part.LICENSED: 3, Part.PLANNER: 1, Part.SAFETY: 1, Part.BOTH: 1}
        expected = {
            Part.NOT_LICENSED: ["tower"],
            Part.LICENSED: ["both", "p", "s"],
            Part.PLANNER: ["p"],
            Part.SAFETY: ["s"],
            Part.BOTH: ["both"],
        }
        assert {part: _ids(_page(opened, part)) for part in Part} == expected

    def test_an_ended_license_makes_its_project_selectable_again(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        _license(opened, "tower", Module.PLANNER, ends_at=LATER)

        assert _ids(_page(opened, Part.LICENSED, at=LATER - timedelta(seconds=1))) == ["tower"]
        assert _ids(_page(opened, Part.LICENSED, at=LATER)) == []
        (row,) = _page(opened, Part.NOT_LICENSED, at=LATER).items
        assert row.linked == some.project()
        assert row.licenses == ()

    def test_an_unlinked_project_is_not_licensed_through_its_old_link(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        _license(opened, "tower", Module.PLANNER)
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping(state=MappingState.UNLINKED, version=2), replacing=1)

        (row,) = _page(opened).items
        assert (row.linked, row.licenses, row.state) == (None, (), MappingState.UNLINKED)

    def test_a_lost_connection_keeps_its_licenses(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        _license(opened, "tower", Module.PLANNER)
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping(state=MappingState.DISCONNECTED, version=2), replacing=1)

        (row,) = _page(opened, Part.LICENSED).items
        assert [license.id for license in row.licenses] == ["tower-planner"]
        assert row.state is MappingState.DISCONNECTED

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["river", "tower"]),
            ("TOW", ["tower"]),
            ("  tower   avila ", ["tower"]),
            ("Ávila", ["tower"]),
            ("strasse", ["river"]),
            ("a-10", ["river"]),
            ("tower river", []),
            ("100%", ["river"]),
            ("%", ["river"]),
            ("_", []),
            ("\\", []),
            ("'; --", []),
        ],
    )
    def test_a_search_finds_parts_of_words_in_name_number_and_city(
        self, opened: Storage, query: str, found: list[str]
    ) -> None:
        _list(
            opened,
            some.platform_project("tower", name="North Tower", city="Àvila"),
            some.platform_project("river", name="River 100% Straße", number="A-10", city=None),
        )

        page = _page(opened, query=query)
        with opened.reading(ACME) as reading:
            counts = reading.views.counts(at=some.NOON, query=query)

        assert sorted(_ids(page)) == found
        assert page.total == counts[Part.NOT_LICENSED] == len(found)

    def test_a_pasted_page_is_a_search_as_well(self, opened: Storage) -> None:
        _list(opened, some.platform_project(name="Tower"))

        assert _ids(_page(opened, query="tower " * 5_000)) == ["tower"]
        assert _ids(_page(opened, query=" ".join(f"word{n}" for n in range(5_000)))) == []

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (Sort.NAME, ["d", "a", "b", "c", "e"]),
            (Sort.NUMBER, ["a", "b", "c", "d", "e"]),
            (Sort.NEWEST, ["e", "a", "b", "c", "d"]),
        ],
    )
    def test_each_sort_is_a_total_order_on_every_page(self, opened: Storage, sort: Sort, order: list[str]) -> None:
        day = timedelta(days=1)
        _list(
            opened,
            some.platform_project("e", name="élan", number=None, created_at=some.NOON + 2 * day),
            some.platform_project("d", name="Dam", number=None, created_at=None),
            some.platform_project("c", name="Dam", number="3", created_at=some.NOON),
            some.platform_project("b", name="dam", number="20", created_at=some.NOON + day),
            some.platform_project("a", name="DAM", number="20", created_at=some.NOON + day),
        )

        paged = [id for number in (1, 2, 3) for id in _ids(_page(opened, sort=sort, number=number, per_page=2))]

        assert _ids(_page(opened, sort=sort)) == paged == order

    @pytest.mark.parametrize(("asked", "given"), [(-3, 1), (0, 1), (1, 1), (3, 3), (4, 3), (99, 3)])
    def test_a_page_that_is_not_there_is_the_nearest_one(self, opened: Storage, asked: int, given: int) -> None:
        _list(opened, *(some.platform_project(f"p{n}") for n in range(5)))

        page = _page(opened, number=asked, per_page=2)

        assert (page.number, page.pages, page.total) == (given, 3, 5)
        assert _ids(page) == [f"p{n}" for n in range(5)][2 * given - 2 : 2 * given]

    def test_an_empty_list_has_one_empty_page(self, opened: Storage) -> None:
        assert _page(opened, number=7) == Page((), 1, 1, 0)

    def test_names_that_repeat_among_listed_projects_are_marked(self, opened: Storage) -> None:
        _list(
            opened,
            some.platform_project("a", name="School", number="1"),
            some.platform_project("b", name="SCHOOL"),
            some.platform_project("c", name="Barn"),
            some.platform_project("d", name="Barn", apps=frozenset()),
            some.platform_project("e", name="Pool"),
            some.platform_project("f", name="Pool", active=False),
        )
        _license(opened, "f", Module.PLANNER)

        repeats = {row.project.id for part in Part for row in _page(opened, part).items if row.name_repeats}
        alone = _page(opened, query="school 1").items

        assert repeats == {"a", "b", "e", "f"}
        assert [row.name_repeats for row in alone] == [True]

    def test_ticks_are_the_members_own(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        with opened.transaction(ACME) as tx:
            tx.drafts.put(PAT, some.draft_row())

        assert _row(opened).draft == some.draft_row()
        assert _row(opened).state is MappingState.SELECTED
        assert _row(opened, member_id=SAM).draft is None
        assert _row(opened, member_id=SAM).state is MappingState.AVAILABLE

    def test_a_claim_names_the_open_order_and_whose_it_is(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        order = some.order()
        with opened.transaction(ACME) as tx:
            tx.orders.put(order, replacing=0)

        assert _row(opened).claim == Claim(order.id, OrderState.OPEN, mine=True)
        assert _row(opened, member_id=SAM).claim == Claim(order.id, OrderState.OPEN, mine=False)
        with opened.transaction(ACME) as tx:
            tx.orders.put(order.after(OrderEvent.EXPIRED), replacing=1)
        assert _row(opened).claim is None

    def test_of_two_claims_the_one_that_blocks_is_shown(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        theirs = some.order("order-2", wants={"tower": some.SAFETY}, member_id=SAM)
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(), replacing=0)
            tx.orders.put(theirs, replacing=0)

        assert _row(opened).claim == Claim(theirs.id, OrderState.OPEN, mine=False)

    def test_a_row_carries_its_live_licenses_alone(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        _license(opened, "tower", Module.PLANNER)
        ended = some.license("ended", product=AddOn.PLANNER_BOARD, ended_at=some.NOON)
        with opened.transaction(ACME) as tx:
            tx.licenses.put(ended, replacing=0)

        row = _row(opened)

        assert [license.id for license in row.licenses] == ["tower-planner"]
        assert (row.mapping, row.linked) == (some.mapping(), some.project())
        assert row == _page(opened, Part.LICENSED).items[0]

    def test_many_rows_are_had_at_once_and_unknown_ones_left_out(self, opened: Storage) -> None:
        known, unknown = [PlatformProjectId(id) for id in ("tower", "annex")], PlatformProjectId("unknown")
        _list(opened, *(some.platform_project(id, name="Same") for id in (*known, "dam")))
        _license(opened, "annex", Module.PLANNER)
        with opened.transaction(ACME) as tx:
            tx.drafts.put(PAT, some.draft_row())

        with opened.reading(ACME) as reading:
            rows = reading.views.mapping_rows(PAT, [*known, unknown, known[0]], at=some.NOON)
            assert {id: (row.project.id, len(row.licenses), row.draft is None) for id, row in rows.items()} == {
                "tower": ("tower", 0, False),
                "annex": ("annex", 1, True),
            }
            assert reading.views.mapping_rows(PAT, [unknown], at=some.NOON) == {}
            assert reading.views.mapping_rows(PAT, [], at=some.NOON) == {}

    def test_ticked_rows_are_listed_by_name(self, opened: Storage) -> None:
        _list(opened, *(some.platform_project(id) for id in ("tower", "annex", "barn", "dam")))
        _license(opened, "barn", Module.PLANNER)
        with opened.transaction(ACME) as tx:
            for id in ("tower", "annex", "barn", "unlisted"):
                tx.drafts.put(PAT, some.draft_row(id))
            tx.drafts.put(SAM, some.draft_row("dam"))

        with opened.reading(ACME) as reading:
            rows = reading.views.draft_rows(PAT, at=some.NOON)
            ids = [PlatformProjectId(id) for id in ("annex", "barn", "tower")]
            assert rows == tuple(reading.views.mapping_rows(PAT, ids, at=some.NOON)[id] for id in ids)

    def test_projects_none_of_our_apps_may_use_are_named_and_counted(self, opened: Storage) -> None:
        none: frozenset[Module] = frozenset()
        barred = [some.platform_project(id, apps=none) for id in ("c", "a", "b")]
        _list(opened, some.platform_project(), some.platform_project("z", apps=none, active=False), *barred)

        with opened.reading(ACME) as reading:
            shown, total = reading.views.not_permitted(2)

        assert [project.id for project in shown] == ["a", "b"]
        assert total == 3

    def test_projects_are_found_by_exact_number_and_by_name_however_it_is_written(self, opened: Storage) -> None:
        _list(
            opened,
            some.platform_project("one", name="Ávila  Tower", number="A-10"),
            some.platform_project("two", name="avila tower", number="a-10", active=False),
            some.platform_project("three", name="Hangar", number=None, apps=frozenset()),
            some.platform_project("four", name="Elsewhere", number="44"),
        )

        with opened.reading(ACME) as reading:
            by_number = reading.views.named({"A-10"}, ())
            by_name = reading.views.named((), {"avila tower", "hangar"})
            both = reading.views.named({"A-10", "44"}, {"avila tower"})
            nothing = reading.views.named((), ())

        assert [each.id for each in by_number] == ["one"]
        assert [each.id for each in by_name] == ["one", "two", "three"]
        assert [each.id for each in both] == ["one", "two", "four"]
        assert nothing == ()

    def test_thousands_of_names_are_looked_up_at_once_and_none_of_another_account(self, opened: Storage) -> None:
        _list(opened, some.platform_project())
        numbers = {f"N-{number}" for number in range(12_000)}

        with opened.reading(ACME) as reading:
            assert reading.views.named(numbers, numbers | {"tower ávila", "river"}) == ()
        with opened.reading(GLOBEX) as reading:
            assert reading.views.named(numbers, {"tower"}) == ()
