"""A list pasted from a spreadsheet: what its lines say, whom they mean, and what they tick."""

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Module, Product
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.folding import folded
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import DraftRow, ticked
from smartapp_domain.pasted_lines import MOST_BYTES, MOST_LINES, Line, read_list
from smartapp_domain.pasting import Candidate, Fate, PastePlan, match
from smartapp_domain.project import PlatformProject

P, S, BOARD, BADGE = Module.PLANNER, Module.SAFETY, AddOn.PLANNER_BOARD, AddOn.SAFETY_BADGE


def project(id: str, name: str, number: str | None = None) -> PlatformProject:
    return PlatformProject(PlatformProjectId(id), name, number)


LICENSED, PAID_FOR, ASLEEP = (
    Refused(reason, "No.") for reason in (Reason.LICENSED, Reason.IN_OPEN_ORDER, Reason.PROJECT_INACTIVE)
)
CANDIDATES = (
    Candidate(project("tower", "North Tower", "1001")),
    Candidate(project("hangar", "Hangar, West", "1002")),
    Candidate(project("avila", "Ávila  School", "0007")),
    Candidate(project("hs-1", "FLUSHING HS", "2001")),
    Candidate(project("hs-2", "Flushing HS", "2002")),
    Candidate(project("sold", "Sold Already", "3001"), LICENSED),
    Candidate(project("paying", "Being Paid", "3002"), PAID_FOR),
    Candidate(project("asleep", "Asleep", "3003"), ASLEEP),
    Candidate(project("old-tower", "North Tower", "0900"), ASLEEP),
)


def read(text: str) -> tuple[Line, ...]:
    lines = read_list(text)
    assert not isinstance(lines, Refused), lines
    return lines


def plan(
    text: str, *panel: Product, choices: dict[int, str] | None = None, among: Sequence[Candidate] = CANDIDATES
) -> PastePlan:
    by_number: defaultdict[str, list[Candidate]] = defaultdict(list)
    by_name: defaultdict[str, list[Candidate]] = defaultdict(list)
    for each in among:
        by_number[each.project.number or ""].append(each)
        by_name[folded(each.project.name)].append(each)
    chosen = {line: PlatformProjectId(id) for line, id in (choices or {}).items()}
    return match(read(text), by_number, by_name, panel, chosen)


def picked(plan: PastePlan) -> dict[str, tuple[Product, ...]]:
    return {each.candidates[0].id: each.products for each in plan.of(Fate.MATCHED)}


def fates(plan: PastePlan) -> list[Fate]:
    return [each.fate for each in plan.found]


@pytest.mark.parametrize(
    "text", ["1001", "North Tower", " north   TOWER ", "1001\tNorth Tower", "North Tower;1001", "1001, North Tower"]
)
def test_a_number_or_a_name_finds_its_project(text: str) -> None:
    assert picked(plan(text, P)) == {"tower": (P,)}


def test_accents_do_not_matter_in_names_but_zeros_do_in_numbers() -> None:
    assert picked(plan("avila school", P)) == {"avila": (P,)}
    assert picked(plan("0007", P)) == {"avila": (P,)}
    assert fates(plan("7", P)) == [Fate.UNKNOWN]


@pytest.mark.parametrize(
    "line", ["Hangar, West", "Hangar, West, Planner", '"Hangar, West"', "1002, Hangar, West, Planner"]
)
def test_a_comma_may_be_part_of_a_name(line: str) -> None:
    assert picked(plan(line, P)) == {"hangar": (P,)}


@pytest.mark.parametrize(
    ("said", "products"),
    [
        ("Planner", (P,)),
        ("safety", (S,)),
        ("Both", (P, S)),
        ("Planner & Safety", (P, S)),
        ("planner and safety badge", (P, S, BADGE)),
        ("Planner Board", (P, BOARD)),
        ("Planner\tSafety Badge", (P, S, BADGE)),
    ],
)
def test_a_row_may_say_what_it_needs_and_an_add_on_brings_its_module(said: str, products: tuple[Product, ...]) -> None:
    assert picked(plan(f"1001\t{said}", S)) == {"tower": products}


def test_a_table_with_a_heading_says_it_with_marks() -> None:
    text = (
        "Project number\tProject\tCity\tPlanner\tSafety\tSafety Badge\n"
        "1001\tNorth Tower\tHangar, West\tx\t\t\n"
        "1002\t\tBoston\tno\tyes\t✓\n"
        "\tÁvila School\tQueens\t\t\t\n"
        "2001\t\t\tno\tno\t\n"
    )

    result = plan(text, P)

    assert picked(result) == {"tower": (P,), "hangar": (S, BADGE), "avila": (P,)}
    assert fates(result) == [Fate.HEADING, Fate.MATCHED, Fate.MATCHED, Fate.MATCHED, Fate.NO_MODULE]


def test_a_table_may_name_products_in_one_column() -> None:
    result = plan("Name;Modules\nNorth Tower;Planner, Safety\nHangar, West;Crane", P)

    assert picked(result) == {"tower": (P, S)}
    assert fates(result) == [Fate.HEADING, Fate.MATCHED, Fate.UNCLEAR]
    assert result.found[2].line.unclear == "Crane"


def test_a_first_column_without_a_title_holds_the_projects() -> None:
    assert picked(plan("\tPlanner\tSafety\nNorth Tower\t\tx\n1002\tx\tx", P)) == {"tower": (S,), "hangar": (P, S)}


def test_what_cannot_be_ticked_is_told_line_by_line() -> None:
    result = plan("3001\n\nBeing Paid\nAsleep\nNowhere\n1001\n1001\nNORTH TOWER", P)

    assert fates(result) == [
        Fate.LICENSED,
        Fate.ORDERED,
        Fate.UNAVAILABLE,
        Fate.UNKNOWN,
        Fate.MATCHED,
        Fate.DUPLICATE,
        Fate.DUPLICATE,
    ]
    assert [each.same_as for each in result.found[-2:]] == [6, 6]
    assert [each.line.number for each in result.found] == [1, 3, 4, 5, 6, 7, 8]


def test_several_projects_of_a_name_are_listed_to_choose_from() -> None:
    open_question = plan("Flushing HS\nFlushing HS", P)
    answered = plan("Flushing HS\nFlushing HS", P, choices={1: "hs-2", 2: "hs-1"})
    nonsense = plan("Flushing HS", P, choices={1: "tower"})

    assert fates(open_question) == [Fate.AMBIGUOUS, Fate.AMBIGUOUS]
    assert [each.number for each in open_question.found[0].candidates] == ["2001", "2002"]
    assert open_question.ticks == ()
    assert picked(answered) == {"hs-1": (P,), "hs-2": (P,)}
    assert fates(nonsense) == [Fate.AMBIGUOUS]


def test_a_number_beside_the_name_settles_which_one_is_meant() -> None:
    assert picked(plan("Flushing HS\t2002", P)) == {"hs-2": (P,)}


@pytest.mark.parametrize(
    ("text", "projects"),
    [
        ("1001\tHangar, West", ["hangar", "tower"]),
        ("Hangar, West\t1001", ["hangar", "tower"]),
        ("Number\tName\n1001\tFLUSHING HS", ["hs-1", "hs-2", "tower"]),
        ("1001\t1002", ["hangar", "tower"]),
        ("1001\tSold Already", ["sold", "tower"]),
        ("0900\tHangar, West", ["hangar", "old-tower"]),
    ],
)
def test_a_number_and_a_name_of_two_projects_leave_the_choice_to_a_person(text: str, projects: list[str]) -> None:
    line = len(text.splitlines())
    result = plan(text, P)

    assert result.found[-1].fate is Fate.AMBIGUOUS
    assert sorted(each.id for each in result.found[-1].candidates) == projects
    assert result.ticks == ()
    for id in projects:
        assert [each.id for each in plan(text, P, choices={line: id}).found[-1].candidates] == [id]


@pytest.mark.parametrize("beside", ["call the super first", "Asleep", "", "9999", "north tower"])
def test_what_names_no_project_that_can_be_ticked_contradicts_no_number(beside: str) -> None:
    assert picked(plan(f"1001\t{beside}", P)) == {"tower": (P,)}


def test_without_any_module_nothing_is_ticked() -> None:
    assert fates(plan("1001")) == [Fate.NO_MODULE]


def test_two_lines_of_one_project_tick_what_either_asks_for() -> None:
    assert picked(plan("1001\tPlanner\nNorth Tower\tSafety", BOARD)) == {"tower": (P, S)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NOTHING_SELECTED),
        (" \n\t\n;;", Reason.NOTHING_SELECTED),
        ("x\n" * (MOST_LINES + 1), Reason.LIST_TOO_LONG),
        ("é" * MOST_BYTES, Reason.LIST_TOO_LONG),
    ],
)
def test_a_list_has_limits_and_says_them(text: str, reason: Reason) -> None:
    refused = read_list(text)

    assert isinstance(refused, Refused)
    assert refused.reason is reason


def test_the_longest_list_is_read() -> None:
    assert len(read("1001\n" * MOST_LINES)) == MOST_LINES


#: Lines as people write them, and some as nobody should.
_KEYS = st.sampled_from([key for c in CANDIDATES for key in (c.project.name, c.project.number or "")]) | st.text(
    max_size=8
)
_SAID = st.sampled_from(["", "\tPlanner", "\tSafety", "\tBoth", "\tPlanner Board", ", Safety Badge", "; x", "\tCrane"])
_LINES = st.lists(st.builds(str.__add__, _KEYS.map(lambda key: " ".join(key.split())), _SAID), min_size=1, max_size=12)
_PANELS = st.sets(st.sampled_from(PRODUCTS))


def drafts(plan: PastePlan, before: dict[str, DraftRow | None] | None = None) -> dict[str, DraftRow | None]:
    rows = dict(before or {})
    for tick in plan.ticks:
        rows[tick.platform_project_id] = ticked(rows.get(tick.platform_project_id), tick)
    return rows


@given(_LINES, _PANELS, st.randoms())
def test_the_order_of_the_lines_does_not_matter(lines: list[str], panel: set[Product], random: object) -> None:
    text = "number\tname\n" + "\n".join(f"\t{line.replace(chr(9), ' ')}" for line in lines if line.strip())
    shuffled = [line for line in lines if line.strip()]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = "number\tname\n" + "\n".join(f"\t{line.replace(chr(9), ' ')}" for line in shuffled)

    assert drafts(plan(text, *panel)) == drafts(plan(other, *panel))


@given(_LINES, _PANELS)
def test_pasting_twice_changes_nothing(lines: list[str], panel: set[Product]) -> None:
    text = "1001\n" + "\n".join(lines)
    once = drafts(plan(text, *panel))

    assert drafts(plan(text, *panel), once) == once
    assert drafts(plan(f"{text}\n{text}", *panel)) == once


_ANY = st.sampled_from(CANDIDATES)


@given(_ANY, _ANY, st.sampled_from(["{number}\t{name}", "{name}\t{number}"]))
def test_a_line_that_names_two_projects_ticks_neither_until_one_is_chosen(
    one: Candidate, other: Candidate, written: str
) -> None:
    text = written.format(number=one.project.number, name=other.project.name)
    alike = [each for each in CANDIDATES if folded(each.project.name) == folded(other.project.name)]
    named = {each.project for each in alike if each.refused is not ASLEEP}

    [found] = plan(text, P).found

    if one in alike or not named:
        assert found.candidates == (one.project,)
    else:
        assert found.fate is Fate.AMBIGUOUS
        assert set(found.candidates) == {one.project, *named}


@given(_LINES, _PANELS)
def test_every_line_is_accounted_for_exactly_once(lines: list[str], panel: set[Product]) -> None:
    text = "1001\n" + "\n".join(lines)

    result = plan(text, *panel)

    said = [number for number, line in enumerate(text.splitlines(), 1) if line.strip("\t ;,")]
    assert [each.line.number for each in result.found] == said
    assert sum(len(result.of(fate)) for fate in Fate) == len(said)


@given(_LINES, _PANELS)
def test_only_what_can_be_ticked_is_and_never_an_add_on_without_its_module(
    lines: list[str], panel: set[Product]
) -> None:
    result = plan("\n".join(["1001", *lines]), *panel)

    refused = {each.project.id for each in CANDIDATES if each.refused}
    assert not refused & {tick.platform_project_id for tick in result.ticks}
    assert all(tick.on for tick in result.ticks)
    for each in result.of(Fate.MATCHED):
        assert any(isinstance(product, Module) for product in each.products)
        assert {REQUIRES[product] for product in each.products if isinstance(product, AddOn)} <= set(each.products)
