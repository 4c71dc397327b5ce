"""Samples of the pages one uses now and then: a pasted list, the demo's clock."""

from typing import Any

from smartapp_http import views as v
from smartapp_http.present import pasting

STRIP = v.ClockStrip("Nov 22, 2026", "Nov 22, 2026, 2:30 AM UTC", "2026-11-23", "2029-11-23")
NEWS = v.ClockNews(
    states=(("3 projects", v.Chip("Licensed until Dec 22, 2026", v.Tone.OK, "circle-check")),),
    invoices=(
        v.InvoiceRow(
            number="KES-0002",
            date="Nov 22, 2026",
            period="Nov 22, 2026 – Dec 21, 2026",
            amount="$885.00",
            chip=v.Chip("Paid", v.Tone.OK, "circle-check"),
            page=v.Link("Open", "http://localhost:8020/i/in_1"),
        ),
    ),
    hint="Stripe tries the card again on Nov 25, 2026.",
    again_url="/demo-clock/news?look=2",
)
_BACK = v.Link("Back to where you were", v.paths.CENTRAL)
_SECTIONS = (
    v.PasteSection(
        title="1 line may mean several projects",
        help="Choose one for each, by its number.",
        lines=(
            v.PasteLine(
                number=3,
                said="FLUSHING HS",
                choices=(
                    v.PasteChoice("p-1", "Q460, FLUSHING HS, Queens"),
                    v.PasteChoice("p-2", 'No number, "Flushing" <HS>'),
                ),
            ),
        ),
        tone=v.Tone.WARN,
        open=True,
    ),
    v.PasteSection(
        title="2 lines ready to tick",
        help="Nothing is ticked until you press the button below.",
        lines=(
            v.PasteLine(number=1, said="R455 · Both", result="TOTTENVILLE HS (R455): Planner, Safety"),
            v.PasteLine(number=2, said="<b>P.S. 26</b>", result="P.S. 26: Planner"),
        ),
        tone=v.Tone.OK,
        open=True,
    ),
    v.PasteSection(title="1 line not found", help="No project has it.", lines=(v.PasteLine(number=4, said="Nowhere"),)),
)

#: name → (template, view)
TOOL_PAGES: dict[str, tuple[str, Any]] = {
    "clock": ("demo_clock.html", v.ClockView(strip=STRIP, back=_BACK)),
    "clock-moved": ("demo_clock.html", v.ClockView(strip=STRIP, back=_BACK, moved="30 days later", news=NEWS)),
    "clock-refused": ("demo_clock.html", v.ClockView(strip=STRIP, back=_BACK, problem="Nov 1, 2026 is not ahead.")),
    "paste": ("paste_list.html", v.PasteView(form=pasting.form())),
    "paste-refused": (
        "paste_list.html",
        v.PasteView(form=pasting.form("\nx"), problem="The list has 2,001 lines and 9,000 bytes."),
    ),
    "paste-looked-at": (
        "paste_list.html",
        v.PasteView(
            form=pasting.form("R455\tBoth\nP.S. 26"),
            sections=_SECTIONS,
            headline="2 projects, 2 Planner, 1 Safety",
            accounted="4 lines: 2 ready, 2 left out",
            apply="Tick 2 projects and those chosen",
        ),
    ),
}
