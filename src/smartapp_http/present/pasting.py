"""A pasted list in words: what each line comes to, and what to do about the others."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from smartapp_domain.catalog import PRODUCTS, Product
from smartapp_domain.mapping import summarize
from smartapp_domain.pasting import Fate, Found, PastePlan
from smartapp_domain.project import PlatformProject
from smartapp_domain.selection import Selection
from smartapp_http.present.mapping import headline
from smartapp_http.views import (
    PasteChoice,
    PasteForm,
    PasteLine,
    PasteProduct,
    PasteSection,
    PasteView,
    Tone,
    counted,
)

#: In the order of the page: what needs an answer, what is ready, what is left out.
_SECTIONS: Final[Mapping[Fate, tuple[str, str, Tone]]] = MappingProxyType(
    {
        Fate.AMBIGUOUS: (
            "may mean several projects",
            "They share a name, or a line's number and name are of different ones. Choose one for each, by its number.",
            Tone.WARN,
        ),
        Fate.MATCHED: ("ready to tick", "Nothing is ticked until you press the button below.", Tone.OK),
        Fate.UNKNOWN: (
            "not found",
            "No project has this number or name. Numbers must match exactly; names may differ in capitals and accents.",
            Tone.BAD,
        ),
        Fate.UNCLEAR: ("with a module we do not know", "Say Planner, Safety, Both or an add-on.", Tone.BAD),
        Fate.NO_MODULE: (
            "without a module",
            "Tick Planner or Safety beside the list, or say it in the line.",
            Tone.BAD,
        ),
        Fate.LICENSED: (
            "already licensed",
            "They are locked. To change one, open Project Central → Manage Subscriptions.",
            Tone.INFO,
        ),
        Fate.ORDERED: ("being paid for", "An order holds them. Finish that payment, or wait until it ends.", Tone.INFO),
        Fate.UNAVAILABLE: (
            "not available",
            "Inactive, or not permitted for our apps. See “Don't see your project?” on the Projects page.",
            Tone.INFO,
        ),
        Fate.DUPLICATE: (
            "about a project named before",
            "Each project is ticked once, with what any line asks for.",
            Tone.MUTED,
        ),
        Fate.HEADING: ("of headings", "They say what the columns mean.", Tone.MUTED),
    }
)
_ALWAYS_OPEN: Final = frozenset({Fate.AMBIGUOUS, Fate.UNKNOWN, Fate.UNCLEAR, Fate.NO_MODULE})
BOTH: Final = "Both"
#: Up to so many ready lines are shown without a press.
_FEW: Final = 50


def form(text: str = "", chosen: Collection[Product] = ()) -> PasteForm:
    boxes = tuple(PasteProduct(each.value, each.label, each in chosen) for each in PRODUCTS)
    return PasteForm(products=boxes, text=text)


def preview(plan: PastePlan, form: PasteForm, problem: str = "") -> PasteView:
    ready, open_ones = len(plan.of(Fate.MATCHED)), len(plan.of(Fate.AMBIGUOUS))
    selections = [Selection.of(*each.products) for each in plan.of(Fate.MATCHED)]
    return PasteView(
        form=form,
        sections=tuple(_sections(plan)),
        headline=headline(summarize(selections)),
        accounted=_accounted(plan),
        apply=_apply(ready, open_ones),
        problem=problem,
    )


def _accounted(plan: PastePlan) -> str:
    """Return what all lines come to; the numbers add up."""
    ready, repeats, headings = (len(plan.of(fate)) for fate in (Fate.MATCHED, Fate.DUPLICATE, Fate.HEADING))
    left = len(plan.found) - ready - repeats - headings
    parts = [f"{ready:,} ready", f"{left:,} left out"]
    if repeats:
        parts.append(counted(repeats, "repeat"))
    if headings:
        parts.append(counted(headings, "heading"))
    return f"{counted(len(plan.found), 'line')}: {', '.join(parts)}"


def _apply(ready: int, open_ones: int) -> str:
    if not open_ones:
        return f"Tick {counted(ready, 'project')}" if ready else ""
    return f"Tick {counted(ready, 'project')} and those chosen" if ready else "Tick those chosen"


def applied(plan: PastePlan) -> str:
    """Return what was done, and that something was not, if so."""
    ready = len(plan.of(Fate.MATCHED))
    silent = (Fate.MATCHED, Fate.HEADING, Fate.DUPLICATE)
    left = sum(each.fate not in silent for each in plan.found)
    done = f"{counted(ready, 'project')} of your list {'is' if ready == 1 else 'are'} ticked."
    return f"{done} {counted(left, 'line')} {'was' if left == 1 else 'were'} left out." if left else done


def _sections(plan: PastePlan) -> Iterator[PasteSection]:
    for fate, (title, help, tone) in _SECTIONS.items():
        found = plan.of(fate)
        if found:
            yield PasteSection(
                title=f"{counted(len(found), 'line')} {title}",
                help=help,
                lines=tuple(_line(each) for each in found),
                tone=tone,
                open=fate in _ALWAYS_OPEN or (fate is Fate.MATCHED and len(found) <= _FEW),
            )


def _line(found: Found) -> PasteLine:
    ambiguous = found.fate is Fate.AMBIGUOUS
    return PasteLine(
        number=found.line.number,
        said=" · ".join(cell.strip() for cell in found.line.text.split("\t") if cell.strip()),
        result="" if ambiguous else _result(found),
        choices=tuple(PasteChoice(each.id, _told_apart(each)) for each in found.candidates) if ambiguous else (),
    )


def _result(found: Found) -> str:
    if found.fate is Fate.UNCLEAR:
        return _unknown_module(found.line.unclear)
    if not found.candidates:
        return ""
    title = found.candidates[0].title
    if found.fate is Fate.MATCHED:
        return f"{title}: {', '.join(each.label for each in found.products)}"
    return f"{title}, line {found.same_as}" if found.same_as else title


def _unknown_module(said: str) -> str:
    """Return that a module is not known, and the name that was probably meant."""
    names = {name.lower(): name for name in (*(each.label for each in PRODUCTS), BOTH)}
    near = get_close_matches(said.lower(), names, n=1)
    return f"We do not know “{said}”. Did you mean {names[near[0]]}?" if near else f"We do not know “{said}”."


def _told_apart(project: PlatformProject) -> str:
    return ", ".join(filter(None, (project.number or "No number", project.name, project.city)))
