// Finding and ticking many projects at once; without script the list is simply long.
for (const picker of document.querySelectorAll("[data-picker]")) {
  const boxes = [...picker.querySelectorAll('input[type="checkbox"]')];
  const count = picker.querySelector("[data-count]");
  const find = picker.querySelector("[data-find]");
  const shown = (box) => !box.closest("li").hidden;

  const tell = () => {
    count.textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length} projects permitted`;
  };
  const look = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const box of boxes) {
      const text = box.closest("li").textContent.toLowerCase();
      box.closest("li").hidden = !words.every((word) => text.includes(word));
    }
  };

  for (const part of picker.querySelectorAll("[data-needs-script]")) part.hidden = false;
  picker.addEventListener("change", tell);
  find.addEventListener("input", look);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter looks for a project, it does not install
  });
  for (const button of picker.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => {
      for (const box of boxes) if (shown(box) && !box.closest("details")) box.checked = button.dataset.all === "on";
      tell();
    });
  }
  tell();
}
