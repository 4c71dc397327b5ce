// Comfort only: every form works without this file. It groups digits while they are typed and takes one click for one.
const digits = (text) => text.replace(/\D/g, "");

const shapes = {
  card_number: (text) => digits(text).slice(0, 19).replace(/(.{4})(?=.)/g, "$1 "),
  expiration: (text) => {
    const typed = digits(text).slice(0, 4);
    return typed.length > 2 ? `${typed.slice(0, 2)} / ${typed.slice(2)}` : typed;
  },
};

for (const [name, shape] of Object.entries(shapes)) {
  const input = document.getElementById(name);
  input?.addEventListener("input", () => {
    // Regroup only while typing at the end, so that a correction in the middle keeps its place.
    if (input.selectionStart === input.value.length) input.value = shape(input.value);
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    form.setAttribute("aria-busy", "true");
  });
  // The browser's back button brings the page back as it was left.
  addEventListener("pageshow", () => {
    sent = false;
    form.removeAttribute("aria-busy");
  });
}

const wrong = document.querySelector("[aria-invalid=true]") ?? document.getElementById("alert");
if (wrong) {
  if (!wrong.matches("input")) wrong.tabIndex = -1;
  wrong.focus();
}
