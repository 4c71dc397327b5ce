// Small manners of every page: one submit per press, menus that close, focus on what needs it, and words when a
// request of htmx fails.

const say = (message) => document.dispatchEvent(new CustomEvent("toast", { detail: { message } }));

// Checkout pressed while the prices of the other payment type are on their way: it means the new ones.
function waitForAnswer(event) {
  event.preventDefault();
  const place = `#${event.target.closest("[id]").id} [data-once]`;
  const done = new AbortController();
  const listen = (name, then) => document.addEventListener(name, then, { signal: done.signal });
  const forget = () => done.abort();
  listen("htmx:responseError", forget);
  listen("htmx:sendError", forget);
  listen("htmx:afterSettle", () => {
    forget();
    document.querySelector(place)?.requestSubmit();
  });
}

// A second press of Checkout must not start a second payment while the first is on its way.
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (submitter?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    const why = document.getElementById(submitter.getAttribute("aria-describedby") ?? "");
    if (why) say(why.textContent.trim());
    return;
  }
  if (!("once" in target.dataset)) return;
  if (target.closest(".htmx-request")) return waitForAnswer(event);
  if (target.dataset.sent) event.preventDefault();
  target.dataset.sent = "yes";
  submitter?.setAttribute("aria-busy", "true");
});

// The answer to a form is no place to come back to: Back and Reload lead to the page the form was on, and send nothing
// a second time.
if ("answer" in document.body.dataset && document.referrer.startsWith(`${location.origin}/`)) {
  history.replaceState(history.state, "", document.referrer);
}

// The browser's back button may show a page from memory: old ticks, an old price. Ask the server instead.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A poll that ends in a fresh page (`data-when-idle`) waits while somebody is typing, a tick is being written, a form has
// been sent or a link followed: a reload would take the words, or the way that was chosen. Asked before it asks and when
// it hears.
const ARRIVES_WITHIN_MS = 10000;
let leaving = false;
function leave(event) {
  leaving = !event.defaultPrevented;
  setTimeout(() => (leaving = false), ARRIVES_WITHIN_MS); // what is downloaded leaves the page where it is
}
document.addEventListener("submit", leave);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank";
  if (link && !elsewhere && !link.getAttribute("href").startsWith("#")) leave(event);
});
function busy() {
  const field = document.activeElement;
  const typing = field.matches("input[type=search], textarea") && field.value !== field.defaultValue;
  return leaving || typing || document.querySelector("form.htmx-request") !== null;
}
for (const moment of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
  document.addEventListener(moment, (event) => {
    if ("whenIdle" in event.target.dataset && busy()) event.preventDefault();
  });
}

// A refusal may answer with toasts only (`HX-Reswap: none`): its words are shown, nothing on the page changes.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Reswap") !== "none") return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.body.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.id !== "mapping") say("We could not reach Smartapp. Check your connection, then try again.");
});
document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt.id !== "mapping") say("That did not work. Reload the page and try again.");
});

// What is shown only once is easily copied, where the browser lets us.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    document.dispatchEvent(new CustomEvent("toast", { detail: { message: "Copied." } }));
  });
}

const first = document.querySelector("[data-focus]");
first?.focus();
if (first && "select" in first.dataset) first.select();
