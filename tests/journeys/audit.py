"""axe-core over a page: both widths, light and dark, and nothing may scroll sideways."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from tests.journeys.conftest import DESKTOP, PHONE

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# What a message lies over for some seconds is no smaller for it: sizes are measured with messages out of the way.
RUN = """async () => {
  const levels = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const all = await axe.run(document, {runOnly: levels, rules: {'target-size': {enabled: false}}});
  const messages = document.getElementById('toasts');
  if (messages) messages.style.visibility = 'hidden';
  const sizes = await axe.run(document, {runOnly: {type: 'rule', values: ['target-size']}});
  if (messages) messages.style.visibility = '';
  return [...all.violations, ...sizes.violations]
    .map(v => `${v.id}: ${v.help} at ${v.nodes.map(n => n.target.join(' ')).join(', ')}`);
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def audit(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page as it stands; leaves it as a light desktop page."""
    findings: list[str] = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            where = f"{name}, {scheme}, {size['width']}"
            if not page.evaluate("() => 'axe' in window"):
                page.evaluate(AXE)
            found: list[Any] = page.evaluate(RUN)
            findings += [f"{where}: {each}" for each in found]
            if (beyond := page.evaluate(SIDEWAYS)) > 0:
                findings.append(f"{where}: scrolls sideways by {beyond} px")
    return findings
