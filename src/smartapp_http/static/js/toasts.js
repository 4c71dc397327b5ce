// Toasts: closing them, letting the harmless ones go by themselves, and showing one that another module asks for.
// Other modules dispatch `new CustomEvent("toast", {detail: {message, strong, linkText, url}})` on document.

const LINGER_MS = 6000;
const dock = document.getElementById("toasts");

function close(toast) {
  toast.remove();
}

// A toast without a link leaves after a while, but never while somebody reads it with the mouse or the keyboard.
function letGo(toast) {
  if ("stays" in toast.dataset || toast.dataset.timed) return;
  toast.dataset.timed = "yes";
  const later = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? later() : close(toast)), LINGER_MS);
  later();
}

// Puts `part` of the sentence into an element, without ever treating words as markup.
function marked(nodes, part, make) {
  if (!part) return nodes;
  const at = nodes.findIndex((node) => typeof node === "string" && node.includes(part));
  if (at < 0) return nodes;
  const [before, ...rest] = nodes[at].split(part);
  const element = make();
  element.textContent = part;
  return [...nodes.slice(0, at), before, element, rest.join(part), ...nodes.slice(at + 1)];
}

function show({ message, strong, linkText, url }) {
  const toast = document.getElementById("toast-model").content.firstElementChild.cloneNode(true);
  const link = () => Object.assign(document.createElement("a"), { href: url });
  const parts = marked(marked([message], strong, () => document.createElement("strong")), url && linkText, link);
  toast.querySelector("p").append(...parts);
  toast.dataset.message = message;
  // The same words once more replace the older toast, so that they are spoken again but never pile up.
  for (const old of dock.querySelectorAll(".toast")) if (old.dataset.message === message) close(old);
  dock.append(toast);
}

// A page that loads itself anew takes along what stays until somebody closes it: nobody has asked for its end. Whoever
// goes on by themselves leaves it behind. Heard last, at the window, because `data-when-idle` may call the reload off.
const KEPT = "smartapp-toasts";
window.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  const leaves = xhr.getResponseHeader("HX-Refresh") || xhr.getResponseHeader("HX-Redirect");
  if (!leaves || event.defaultPrevented || requestConfig.triggeringEvent?.isTrusted) return;
  const staying = [...dock.querySelectorAll("[data-stays]")].map((toast) => toast.outerHTML);
  sessionStorage.setItem(KEPT, staying.join(""));
});
dock.insertAdjacentHTML("beforeend", sessionStorage.getItem(KEPT) ?? "");
sessionStorage.removeItem(KEPT);

document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close]");
  if (button) close(button.closest(".toast"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && dock.lastElementChild) close(dock.lastElementChild);
});
new MutationObserver(() => dock.querySelectorAll(".toast").forEach(letGo)).observe(dock, { childList: true });
dock.querySelectorAll(".toast").forEach(letGo);
