"""A person without a mouse: only Tab, Shift+Tab, arrows, Enter, Space and what is typed; each stop must be seen."""

from typing import Any, Final

import attrs
from playwright.sync_api import Page

#: More presses than anybody would make to reach something; whoever needs as many is lost.
_LOST_AFTER: Final = 400
#: What a listener hears of the focused control, and whether a looker sees that it is focused.
_STOP: Final = """() => {
  const here = document.activeElement;
  if (!here || here === document.body || here === document.documentElement) return null;
  const text = (node) => (node ? node.textContent.trim().replace(/\\s+/g, " ") : "");
  const named = (here.getAttribute("aria-labelledby") || "").split(" ").map((id) => text(document.getElementById(id)));
  const label = here.labels && here.labels.length ? text(here.labels[0]) : "";
  const name = here.getAttribute("aria-label") || named.join(" ").trim() || label || text(here) || here.value || "";
  // The ring may be drawn by what stands for a control that is hidden, such as the box of a segmented radio.
  const drawn = [here, ...(here.labels || []), here.nextElementSibling].filter(Boolean);
  // A shadow is no ring: a button has one at rest, and the gap inside the ring cannot be seen on a dark page.
  // A link that stands for a whole card wears it on what it lays over the card.
  const outlines = () => drawn.flatMap((node) => [null, "::after"].map((part) => {
    const style = getComputedStyle(node, part);
    const worn = !part || style.content !== "none";
    return worn && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 ? style.outline : "";
  }));
  const visible = here.matches(":focus-visible");
  const focused = outlines();
  here.blur();
  const resting = outlines();
  here.focus({preventScroll: true});
  const ring = focused.some((line, at) => line && line !== resting[at]);
  const shown = [here, ...(here.labels || [])].map((node) => node.getBoundingClientRect());
  const inside = shown.some((at) => at.width > 0 && at.bottom > 0 && at.top < innerHeight && at.right > 0);
  const box = here.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 40), 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const own = [here, ...(here.labels || [])];
  const covered = inside && !own.some((node) => node === top || node.contains(top) || (top && top.contains(node)));
  return {name, visible, ring, inside, covered};
}"""


@attrs.define
class Keys:
    """
    Presses keys on a page, and notes every stop at which one could not see where one is.

    Attributes:
        presses: How many keys were pressed, typed letters not counted.

    """

    page: Page
    presses: int = 0
    unseen: list[str] = attrs.Factory(list)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.presses += 1

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def here(self) -> dict[str, Any] | None:
        """Return the focused control after noting whether it can be seen; None at the edge of the page."""
        stop: dict[str, Any] | None = self.page.evaluate(_STOP)
        if stop is not None:
            for wrong, is_wrong in (
                ("no ring", not (stop["visible"] and stop["ring"])),
                ("outside the window", not stop["inside"]),
                ("covered", stop["covered"]),
            ):
                if is_wrong:
                    self.unseen.append(f"{stop['name'][:60]!r} at {self.page.url}: {wrong}")
        return stop

    def to(self, name: str, *, back: bool = False) -> None:
        """Go on with Tab, or back with Shift+Tab, until the control of this name is focused."""
        passed: list[str] = []
        for _ in range(_LOST_AFTER):
            self.press("Shift+Tab" if back else "Tab")
            stop = self.here()
            if stop is not None and (stop["name"] == name or stop["name"].startswith(f"{name} ")):
                return
            passed.append(stop["name"][:40] if stop else "-")
        raise AssertionError(f"Tab does not reach {name!r} at {self.page.url}: {passed[-80:]}")

    def use(self, name: str, key: str = "Enter", *, back: bool = False) -> None:
        self.to(name, back=back)
        self.press(key)
