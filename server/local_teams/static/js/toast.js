// Short sentences that come and go at the edge of the page.

import { h, icon } from "./dom.js";

const SECONDS = 7;

/** Show a sentence; with onOpen it can be clicked. Hovering or focusing keeps it. */
export function toast(text, { title = "", onOpen = null, kind = "" } = {}) {
  const close = () => element.remove();
  const body = h("span", { class: "toast-text" }, title && h("strong", {}, title), h("span", {}, text));
  const open = () => {
    close();
    onOpen();
  };
  const element = h(
    "div",
    { class: `toast ${kind}` },
    onOpen ? h("button", { class: "toast-open", type: "button", onclick: open }, body) : body,
    h("button", { class: "quiet", type: "button", "aria-label": "Dismiss", onclick: close }, icon("close")),
  );
  document.getElementById("toasts").append(element);
  let timer = setTimeout(close, SECONDS * 1000);
  const hold = () => clearTimeout(timer);
  const release = () => (timer = setTimeout(close, SECONDS * 1000));
  element.addEventListener("mouseenter", hold);
  element.addEventListener("focusin", hold);
  element.addEventListener("mouseleave", release);
  element.addEventListener("focusout", release);
  const all = document.querySelectorAll(".toast");
  if (all.length > 4) all[0].remove();
}

/** Show that something failed, in the sentence it failed with. */
export function complain(problem) {
  toast(problem.message, { kind: "bad" });
}
