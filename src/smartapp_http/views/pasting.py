"""A pasted list: the form, and what became of each line."""

import attrs

from smartapp_http.views.chrome import Tone


@attrs.frozen
class PasteProduct:
    """A box of the form: what a line gets that does not say."""

    code: str
    label: str
    checked: bool = False


@attrs.frozen(kw_only=True)
class PasteForm:
    """`partials/paste_form.html`, on the mapping page and above the preview."""

    products: tuple[PasteProduct, ...]
    text: str = ""


@attrs.frozen
class PasteChoice:
    """One of several projects a line may mean: "Flushing HS, 2002, Queens"."""

    id: str
    text: str


@attrs.frozen(kw_only=True)
class PasteLine:
    """
    One line of the list.

    Attributes:
        said: What was pasted.
        result: "North Tower (1001): Planner, Safety", or why nothing is ticked for it.
        choices: Projects to choose from, for a line that may mean several.

    """

    number: int
    said: str
    result: str = ""
    choices: tuple[PasteChoice, ...] = ()


@attrs.frozen(kw_only=True)
class PasteSection:
    """
    Lines with one fate: "4 lines: already licensed".

    Attributes:
        help: What it means and what one can do.
        open: Shown at once; the others open on demand.

    """

    title: str
    help: str
    lines: tuple[PasteLine, ...]
    tone: Tone = Tone.MUTED
    open: bool = False


@attrs.frozen(kw_only=True)
class PasteView:
    """
    `paste_list.html`.

    Attributes:
        headline: "3 projects, 2 Planner, 1 Safety" as the list would tick them; "" before a list was read.
        accounted: "12 lines: 9 ready, 3 left out", so that nothing is lost without a word.
        apply: The button that ticks; "" when nothing can be.
        problem: Why the list could not be read, or was not applied.

    """

    form: PasteForm
    sections: tuple[PasteSection, ...] = ()
    headline: str = ""
    accounted: str = ""
    apply: str = ""
    problem: str = ""
