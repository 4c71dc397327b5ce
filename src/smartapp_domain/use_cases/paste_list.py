"""Ticking what a pasted list names: a plan to look at, then all of it or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from smartapp_domain.catalog import Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.folding import folded
from smartapp_domain.identity import Actor, Right, require
from smartapp_domain.installation import not_let_in
from smartapp_domain.pasted_lines import Line, read_list
from smartapp_domain.pasting import Candidate, Choices, Fate, PastePlan, match, names_and_numbers
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Reading
from smartapp_domain.use_cases.map_projects import Ticked, save_rows, why_locked


@attrs.frozen
class PasteList:
    """
    A list, and what was decided about it.

    Attributes:
        products: Ticked where a line does not say.
        choices: Per ambiguous line the project that was chosen.

    """

    text: str
    products: tuple[Product, ...] = ()
    choices: Choices = attrs.field(factory=dict, hash=False)


@attrs.frozen
class Pasted:
    """A plan that was carried out."""

    plan: PastePlan
    ticked: Ticked


def plan_paste(actor: Actor, wish: PasteList, ports: Ports) -> PastePlan | Refused:
    """Return what a list comes to now; writes nothing."""
    if refused := require(actor, Right.MAP_PROJECTS):
        return refused
    lines = read_list(wish.text)
    if isinstance(lines, Refused):
        return lines
    with ports.reading(actor.account_id) as reading:
        if refused := not_let_in(reading.platform_projects.listing()):
            return refused
        candidates = _candidates(reading, actor, lines, ports)
    by_number: defaultdict[str, list[Candidate]] = defaultdict(list)
    by_name: defaultdict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        by_name[folded(each.project.name)].append(each)
        if each.project.number:
            by_number[each.project.number].append(each)
    return match(lines, by_number, by_name, wish.products, wish.choices)


def apply_paste(actor: Actor, wish: PasteList, ports: Ports) -> Pasted | Refused:
    """
    Tick what a list names, by absolute writes: all of it, or nothing and the first refusal.

    What cannot be ticked (licensed, unknown, ambiguous …) is left out and stays told in the plan. Something that
    became impossible between the plan and the writes is a refusal.
    """
    plan = plan_paste(actor, wish, ports)
    if isinstance(plan, Refused):
        return plan
    if not plan.ticks:
        return Refused(Reason.NOTHING_SELECTED, _nothing(plan), WayOut.PROJECTS)
    ticked = save_rows(actor, plan.ticks, {}, ports)
    return ticked if isinstance(ticked, Refused) else Pasted(plan, ticked)


def _candidates(reading: Reading, actor: Actor, lines: Sequence[Line], ports: Ports) -> Iterable[Candidate]:
    numbers, names = names_and_numbers(lines)
    found = reading.views.named(numbers, names)
    rows = reading.views.mapping_rows(actor.member_id, [each.id for each in found], at=ports.clock.now())
    return [Candidate(each, why_locked(rows[each.id])) for each in found]


def _nothing(plan: PastePlan) -> str:
    if plan.of(Fate.NO_MODULE):
        return "No line of the list can be ticked: none says which module. Choose Planner or Safety beside the list."
    return "No line of the list can be ticked. Look at what became of each line, change the list and try again."
