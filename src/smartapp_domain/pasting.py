"""
A list pasted from a spreadsheet: which projects its lines mean, and which boxes they tick.

Nothing but the order things are reported in depends on the order of the lines (docs/domain.md L-8).
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

import attrs

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Product
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.folding import folded
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import Tick
from smartapp_domain.pasted_lines import Line
from smartapp_domain.project import PlatformProject


class Fate(enum.Enum):
    """What becomes of a line; each line has exactly one."""

    MATCHED = "matched"
    DUPLICATE = "duplicate"
    """Another line before it means the same project; what either asks for is ticked."""
    LICENSED = "licensed"
    ORDERED = "ordered"
    UNAVAILABLE = "unavailable"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    NO_MODULE = "no_module"
    UNCLEAR = "unclear"
    """It names a product nobody sells."""
    HEADING = "heading"


@attrs.frozen
class Candidate:
    """A project a line may mean, and why it cannot be ticked now, if so."""

    project: PlatformProject
    refused: Refused | None = None


@attrs.frozen
class Found:
    """
    What became of a line.

    Attributes:
        candidates: The project it means; for an ambiguous line those to choose from, by name, number and id.
        products: What is ticked for it, in catalog order.
        same_as: Number of the line that means the same project.

    """

    line: Line
    fate: Fate
    candidates: tuple[PlatformProject, ...] = ()
    products: tuple[Product, ...] = ()
    same_as: int | None = None


@attrs.frozen
class PastePlan:
    """What a pasted list comes to; `ticks` are absolute and all say "on"."""

    found: tuple[Found, ...]
    ticks: tuple[Tick, ...]

    def of(self, fate: Fate) -> tuple[Found, ...]:
        return tuple(each for each in self.found if each.fate is fate)


Choices = Mapping[int, PlatformProjectId]
_NO_CHOICES: Final[Choices] = MappingProxyType({})


def match(
    lines: Sequence[Line],
    by_number: Mapping[str, Sequence[Candidate]],
    by_name: Mapping[str, Sequence[Candidate]],
    panel: Iterable[Product],
    choices: Choices = _NO_CHOICES,
) -> PastePlan:
    """
    Return what each line means and what the list ticks.

    Args:
        lines: As `read_list` read them.
        by_number: Candidates by exact number.
        by_name: Candidates by `folded` name.
        panel: What is ticked where a line does not say.
        choices: Per ambiguous line the project chosen for it; one that is not among its candidates says nothing.

    """
    chosen = frozenset(panel)
    meant = {line.number: _meant(line, by_number, by_name, choices.get(line.number)) for line in lines}
    wanted: dict[PlatformProjectId, frozenset[Product]] = {}
    first: dict[PlatformProjectId, int] = {}
    for line in lines:
        if not line.unclear and len(candidates := meant[line.number]) == 1:
            id = candidates[0].project.id
            asked = chosen if line.products is None else line.products
            wanted[id] = wanted.get(id, frozenset()) | _with_modules(asked)
            first.setdefault(id, line.number)
    found = tuple(_found(line, meant[line.number], wanted, first) for line in lines)
    ticks = (_ticks(each) for each in found if each.fate is Fate.MATCHED)
    return PastePlan(found, tuple(chain.from_iterable(ticks)))


def names_and_numbers(lines: Iterable[Line]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what has to be looked up: numbers as they are, and `folded` names."""
    keys = {key for line in lines for group in line.keys for key in group}
    return frozenset(keys), frozenset(folded(key) for key in keys)


def _found(
    line: Line,
    candidates: Sequence[Candidate],
    wanted: Mapping[PlatformProjectId, frozenset[Product]],
    first: Mapping[PlatformProjectId, int],
) -> Found:
    if line.is_heading:
        return Found(line, Fate.HEADING)
    if line.unclear:
        return Found(line, Fate.UNCLEAR)
    if len(candidates) != 1:
        projects = sorted((each.project for each in candidates), key=_by_name)
        return Found(line, Fate.AMBIGUOUS if projects else Fate.UNKNOWN, tuple(projects))
    [only] = candidates
    project = (only.project,)
    if first[only.project.id] != line.number:
        return Found(line, Fate.DUPLICATE, project, same_as=first[only.project.id])
    if only.refused is not None:
        return Found(line, _REFUSALS.get(only.refused.reason, Fate.UNAVAILABLE), project)
    products = tuple(each for each in PRODUCTS if each in wanted[only.project.id])
    return Found(line, Fate.MATCHED if products else Fate.NO_MODULE, project, products)


_REFUSALS: Final = {Reason.LICENSED: Fate.LICENSED, Reason.IN_OPEN_ORDER: Fate.ORDERED}


def _meant(
    line: Line,
    by_number: Mapping[str, Sequence[Candidate]],
    by_name: Mapping[str, Sequence[Candidate]],
    chosen: PlatformProjectId | None,
) -> Sequence[Candidate]:
    """Return whom a line may mean: the first key that anything answers to decides, unless another contradicts it."""
    for keys in line.keys:
        answers = {key: by_number.get(key) or by_name.get(folded(key), ()) for key in keys}
        named = sorted(filter(answers.get, answers), key=lambda key: key not in by_number)  # numbers before names
        if not named:
            continue
        decided, *others = (answers[key] for key in named)
        ids = {each.project.id for each in decided}
        contradicting = [each for each in others if ids.isdisjoint(other.project.id for other in each)]
        # A project that cannot be bought is meant only where no other one can be, and contradicts nothing.
        meant = [each for each in decided if _is_listed(each)] or list(decided)
        meant += filter(_is_listed, chain.from_iterable(contradicting))
        return [each for each in meant if each.project.id == chosen] or list(dict.fromkeys(meant))
    return ()


def _is_listed(candidate: Candidate) -> bool:
    return candidate.refused is None or candidate.refused.reason in _REFUSALS


def _ticks(found: Found) -> tuple[Tick, ...]:
    id = found.candidates[0].id
    return (Tick(id, None, on=True), *(Tick(id, product, on=True) for product in found.products))


def _with_modules(products: Iterable[Product]) -> frozenset[Product]:
    asked = frozenset(products)
    return asked | {REQUIRES[each] for each in asked if isinstance(each, AddOn)}


def _by_name(project: PlatformProject) -> tuple[str, str, str]:
    return folded(project.name), folded(project.number or ""), project.id
