// A "…" button with a menu: arrow keys inside, Esc and a click elsewhere close it.

import { arrowKeys, h, icon } from "./dom.js";

/** Create the button and its menu; `items(close)` builds the entries each time it opens. */
export function menuButton(label, items) {
  const menu = h("div", { class: "menu", role: "menu", hidden: true });
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": label,
      title: label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () => toggle(menu.hidden),
    },
    icon("more"),
  );
  const holder = h("span", { class: "menu-holder" }, button, menu);
  const elsewhere = (event) => holder.contains(event.target) || toggle(false);

  function toggle(visible) {
    if (visible) menu.replaceChildren(...items(() => toggle(false)));
    menu.hidden = !visible;
    button.setAttribute("aria-expanded", String(visible));
    document[visible ? "addEventListener" : "removeEventListener"]("pointerdown", elsewhere);
    if (!visible) return;
    // A menu near the lower edge opens upwards.
    menu.classList.toggle("up", button.getBoundingClientRect().bottom + menu.offsetHeight > innerHeight - 120);
    menu.querySelector("button").focus();
  }
  arrowKeys(menu, "button");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    toggle(false);
    button.focus();
  });
  return holder;
}

/** Create one entry. */
export function menuItem(label, close, act) {
  return h("button", { type: "button", role: "menuitem", onclick: () => (close(), act()) }, label);
}
