// The mapping table. Each tick is shown at once, then written to the server as an absolute statement ("Planner of
// this project is on"), one after the other, so that the last answer is the state of all of them. The server's
// answer replaces the row; what the server refuses goes back to what it was.

const REQUIRES = { planner: "", safety: "", planner_board: "planner", safety_badge: "safety" };
const CHAIN = ["planner", "safety", "planner_board", "safety_badge"];

const queue = [];
let sending = null;

const form = () => document.getElementById("mapping");
const rowOf = (element) => element.closest("tr[data-project]");
const boxOf = (row, product) => row.querySelector(`input[data-product="${product}"]`);
const rowsOnPage = () => [...document.querySelectorAll("#rows-open tr[data-project]")];

function say(detail) {
  document.dispatchEvent(new CustomEvent("toast", { detail }));
}

// The enablement chain: un-ticking clears what depends on it, re-ticking restores nothing.
function chain(row) {
  for (const product of CHAIN) {
    const box = boxOf(row, product);
    if (!box) continue;
    box.disabled = !boxOf(row, REQUIRES[product]).checked;
    if (box.disabled) box.checked = false;
  }
  row.classList.toggle("is-on", boxOf(row, "").checked);
}

function showSelectAll() {
  const all = document.getElementById("tick-page");
  if (!all) return;
  const rows = rowsOnPage();
  const ticked = rows.filter((row) => boxOf(row, "").checked).length;
  all.checked = ticked > 0 && ticked === rows.length;
  all.indeterminate = ticked > 0 && ticked < rows.length;
}

function undo(rows) {
  for (const row of rows) {
    row.querySelectorAll("input[data-product]").forEach((box) => (box.checked = box.defaultChecked));
    chain(row);
  }
  showSelectAll();
}

// Nothing came back, or something else than the row: show the last state the server is known to have.
function notSaved(failed) {
  queue.length = 0;
  undo(rowsOnPage());
  if (failed) say({ message: "Your last tick was not saved. Check your connection and tick it again." });
}

// Resolves to whether it failed. `htmx:beforeSwap` below decides what its answer replaces.
async function send(entry) {
  let failed = false;
  const watch = () => (failed = true);
  for (const name of ["htmx:responseError", "htmx:sendError"]) form().addEventListener(name, watch);
  try {
    await htmx.ajax("POST", entry.url, { source: form(), target: form(), swap: "none", values: entry.values });
  } catch {
    failed = true;
  }
  for (const name of ["htmx:responseError", "htmx:sendError"]) form()?.removeEventListener(name, watch);
  return failed;
}

async function drain() {
  while (queue.length) {
    const entry = queue[0];
    const failed = await send(entry);
    queue.shift();
    if (failed || !entry.answered) notSaved(failed);
  }
  sending = null;
}

function put(entry) {
  queue.push(entry);
  sending ??= drain();
}

function tick(box) {
  const row = rowOf(box);
  chain(row);
  showSelectAll();
  put({
    url: form().dataset.ticks,
    row: row.id,
    target: row.id,
    values: { project: row.dataset.project, product: box.dataset.product, on: box.checked ? "1" : "0" },
  });
}

function tickPage(all) {
  const rows = rowsOnPage();
  for (const row of rows) {
    boxOf(row, "").checked = all.checked;
    chain(row);
  }
  const values = { project: rows.map((row) => row.dataset.project), on: all.checked ? "1" : "0" };
  put({ url: form().dataset.pageTicks, row: null, target: "rows-open", values });
}

function choose(select) {
  const row = rowOf(select);
  const values = { project: row.dataset.project, target: select.value };
  put({ url: form().dataset.targets, row: row.id, target: row.id, values });
}

function refuse(row) {
  const { locked: message, strong, link: linkText, url } = row.dataset;
  say({ message, strong, linkText, url });
}

document.addEventListener("click", (event) => {
  const box = event.target.closest('#mapping input[aria-disabled="true"]');
  if (!box) return;
  event.preventDefault();
  refuse(rowOf(box));
});

document.addEventListener("change", (event) => {
  const control = event.target;
  if (!control.closest("#mapping")) return;
  if (control.id === "tick-page") tickPage(control);
  else if ("target" in control.dataset) choose(control);
  else if ("product" in control.dataset) tick(control);
});

// Enter on a box ticks it, as people expect in a table; it must not submit the page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches('#mapping input[type="checkbox"]')) return;
  event.preventDefault();
  event.target.click();
});

// The form around the table would send all of its boxes; a tick says one thing.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "mapping" || !queue.length) return;
  const { values } = queue[0];
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) for (const each of [value].flat()) data.append(name, each);
  event.detail.parameters = data;
});

// The answer replaces its row, or the section. While a newer tick of the same row waits, it only updates the sums.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (detail.target.id !== "mapping" || !queue.length) return;
  const [entry, ...waiting] = queue;
  const place = document.getElementById(entry.target);
  if (!place || !detail.serverResponse.includes(`id="${entry.target}"`)) return;
  detail.shouldSwap = true;
  detail.isError = false;
  entry.answered = true;
  const newer = waiting.some((other) => !entry.row || !other.row || other.row === entry.row);
  if (newer) return;
  detail.target = place;
  detail.swapOverride = "outerHTML settle:0ms";
});

// What NEXT complained about and is settled by now leaves the message at the top; the last one takes it along.
function forgetSettled() {
  const message = document.getElementById("problems");
  for (const link of message?.querySelectorAll("a[href*='#']") ?? []) {
    const row = document.getElementById(decodeURIComponent(link.hash.slice(1)))?.closest("tr[data-project]");
    if (row && !row.classList.contains("has-problem")) link.closest("li").remove();
  }
  if (message && !message.querySelector("li")) message.remove();
}

// After settling: until then htmx lends a new row the classes of the old one.
document.addEventListener("htmx:afterSettle", () => {
  showSelectAll();
  forgetSettled();
});

// Leaving the page waits for the last tick: Next, Back, pagers, filters.
document.addEventListener("submit", async (event) => {
  if (!sending) return;
  event.preventDefault();
  const { target, submitter } = event;
  await sending;
  target.requestSubmit(submitter);
});
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!sending || !link || !plain || link.target || !link.href.startsWith("http")) return;
  event.preventDefault();
  await sending;
  location.assign(link.href);
});
// Reload or a closed tab cannot wait: what has not been sent yet goes out with the page.
window.addEventListener("pagehide", () => {
  const token = form()?.elements._csrf_token?.value;
  for (const { url, values } of queue.slice(1)) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) for (const each of [value].flat()) body.append(name, each);
    fetch(url, { method: "POST", body, keepalive: true, headers: { "x-csrftoken": token } });
  }
});

if (form() && "readOnly" in form().dataset) {
  form().querySelectorAll("input[type=checkbox], select").forEach((control) => (control.disabled = true));
}
showSelectAll();
