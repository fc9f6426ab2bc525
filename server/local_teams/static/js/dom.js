// Builds elements. Text always becomes a text node: nothing that people or bots write is ever read as HTML.

/** Create an element: h("button", {class: "x", onclick: f, "aria-label": "…"}, "text", otherElement). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  chat: "M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9l-4 3.2V13a1 1 0 0 1-1-1z",
  teams:
    "M7.2 9.2a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM13.6 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM3 15.5v-1.8c0-1.5 1.2-2.5 2.7-2.5h3c1.5 0 2.7 1 2.7 2.5v1.8zM13.5 11.2h1.3c1.3 0 2.2.9 2.2 2.2v2.1h-3",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  send: "M3.5 4l13.5 6-13.5 6 2-6zM5.5 10H11",
  sun: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5v1.5M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1 1M14.3 14.3l1 1M4.7 15.3l1-1M14.3 5.7l1-1",
  moon: "M15.8 12.3A6.5 6.5 0 0 1 7.7 4.2a6.5 6.5 0 1 0 8.1 8.1z",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.6 1.6",
  back: "M12 4.5L6.5 10l5.5 5.5",
  plus: "M10 4v12M4 10h12",
  eye: "M2.5 10s2.7-4.8 7.5-4.8 7.5 4.8 7.5 4.8-2.7 4.8-7.5 4.8S2.5 10 2.5 10zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  close: "M5 5l10 10M15 5L5 15",
  down: "M5.5 8l4.5 4.5L14.5 8",
  edit: "M4 16l.8-3.4 8.4-8.4 2.6 2.6-8.4 8.4z",
  reply: "M8 5L3.5 9.5 8 14M3.5 9.5H12a4.5 4.5 0 0 1 4.5 4.5v1",
  refresh: "M15.5 8.5A6 6 0 1 0 16 11M15.8 4.5v4h-4",
};

/** Create one of the page's own line icons; decorative, so hidden from assistive technology. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** The coloured initials of a person or the bot. The colour follows from the name. */
export function avatar(name, { bot = false, small = false } = {}) {
  const letters = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => Array.from(word)[0]);
  const text = bot ? "" : (letters[0] ?? "?") + (letters.length > 1 ? letters.at(-1) : "");
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 8;
  const element = h(
    "span",
    { class: `avatar hue${hue}${bot ? " bot" : ""}${small ? " small" : ""}`, "aria-hidden": "true" },
    text.toUpperCase(),
  );
  if (bot) element.append(botFace());
  return element;
}

function botFace() {
  const svg = icon("chat");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.firstChild.setAttribute("d", "M10 3.5l7 12.5H3zM10 8.200v3.600M10 13.900v.1");
  return svg;
}

/** Replace all children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Move focus through the items of a menu or list with the arrow keys, Home and End. */
export function arrowKeys(container, selector) {
  container.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    const items = [...container.querySelectorAll(selector)].filter((item) => item.offsetParent !== null);
    if (!items.length) return;
    const now = items.indexOf(document.activeElement);
    const next = Number.isFinite(step) ? (now + step + items.length) % items.length : step < 0 ? 0 : items.length - 1;
    items[next].focus();
    event.preventDefault();
  });
}
