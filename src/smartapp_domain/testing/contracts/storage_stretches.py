"""Lists read from an anchor on: whoever walks one meets everything once and in order, whatever changes meanwhile."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from smartapp_domain.folding import folded
from smartapp_domain.ids import MemberId
from smartapp_domain.ports.storage import Reading, Storage
from smartapp_domain.ports.views import Anchor, Part, Sort, Stretch
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

PAT = MemberId("pat")
DAY = timedelta(days=1)
#: Equal names, equal numbers, none at all, and days known for some.
LISTED = tuple(
    some.platform_project(id, name=name, number=number, created_at=some.NOON + day * DAY if day is not None else None)
    for id, name, number, day in (
        ("a", "Dam", "7", None),
        ("b", "dam", "7", 2),
        ("c", "Dåm", None, 2),
        ("d", "Bridge", "10", 1),
        ("e", "Arch", None, None),
        ("f", "Zoo", "1", 3),
        ("g", "Bridge", "2", 1),
    )
)
Look = Callable[[Reading, Anchor | None, int], Stretch[str]]


def _mapped(sort: Sort, query: str = "") -> Look:
    def look(reading: Reading, after: Anchor | None, limit: int) -> Stretch[str]:
        found = reading.views.mapping_stretch(
            PAT, Part.NOT_LICENSED, at=some.NOON, query=query, sort=sort, after=after, limit=limit
        )
        return Stretch(tuple(row.project.id for row in found.items), found.anchor, found.total)

    return look


def _central(reading: Reading, after: Anchor | None, limit: int) -> Stretch[str]:
    found = reading.views.tile_stretch(query="", after=after, limit=limit)
    return Stretch(tuple(tile.project.id for tile in found.items), found.anchor, found.total)


LOOKS: dict[str, Look] = {
    **{f"projects by {sort.value}": _mapped(sort) for sort in Sort},
    "projects with a search": _mapped(Sort.NAME, "dam"),
    "central": _central,
}
ORDER = {
    "projects by name": "edgcabf",
    "projects by number": "fdgabec",
    "projects by newest": "fcbdgea",
    "projects with a search": "cab",
    "central": "edgcabf",
}


def _list(storage: Storage, projects: tuple[PlatformProject, ...]) -> None:
    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(projects)
        for each in projects:
            tx.projects.put(some.project(each.id, name=each.name, number=each.number), replacing=0)


def _walk(storage: Storage, look: Look, limit: int, meanwhile: Callable[[], object] = lambda: None) -> Iterator[str]:
    after = None
    while True:
        with storage.reading(ACME) as reading:
            found = look(reading, after, limit)
        assert len(found.items) <= limit
        yield from found.items
        if found.anchor is None:
            return
        after = found.anchor
        meanwhile()


class StretchContract(StorageBench):
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_a_walk_meets_every_project_once_and_in_order(self, opened: Storage, what: str, limit: int) -> None:
        _list(opened, LISTED)

        assert "".join(_walk(opened, LOOKS[what], limit)) == ORDER[what]

    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_a_stretch_says_how_long_the_whole_list_is(self, opened: Storage, what: str) -> None:
        _list(opened, LISTED)

        with opened.reading(ACME) as reading:
            found = LOOKS[what](reading, None, 2)

        assert found.total == len(ORDER[what])

    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_what_is_added_meanwhile_neither_repeats_nor_hides_anything(self, opened: Storage, what: str) -> None:
        _list(opened, LISTED)
        names = iter(["Aaa dam", "Dam", "Zzz dam", "Dam"])

        def add() -> None:
            name = next(names, None)
            if name is not None:
                new = some.platform_project(f"new {folded(name)} {len(list(names))}", name=name, number="7")
                with opened.transaction(ACME) as tx:
                    tx.platform_projects.note([new])
                    tx.projects.put(some.project(new.id, name=name, number="7"), replacing=0)

        met = list(_walk(opened, LOOKS[what], 2, add))

        assert "".join(id for id in met if len(id) == 1) == ORDER[what]
        assert len(met) == len(set(met))

    def test_a_list_goes_on_after_a_project_that_is_gone(self, opened: Storage) -> None:
        _list(opened, LISTED)
        with opened.reading(ACME) as reading:
            first = LOOKS["projects by name"](reading, None, 3)
        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all([each for each in LISTED if each.id != "g"])

        with opened.reading(ACME) as reading:
            rest = LOOKS["projects by name"](reading, first.anchor, 10)

        assert "".join(rest.items) == "cabf"

    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_an_anchor_leads_nobody_to_another_accounts_rows(self, opened: Storage, what: str) -> None:
        _list(opened, LISTED)
        with opened.reading(ACME) as reading:
            anchor = LOOKS[what](reading, None, 2).anchor

        with opened.reading(GLOBEX) as reading:
            found = LOOKS[what](reading, anchor, 10)

        assert found == Stretch((), None, 0)
