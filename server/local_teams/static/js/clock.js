// The development clock: what time the bot believes it is, and buttons to move it forward.

import { fill, h, icon } from "./dom.js";
import { now, state } from "./state.js";
import { complain, toast } from "./toast.js";

const ADDRESS = "/dev/clock";
const STEPS = [
  ["+5 min", "PT5M"],
  ["+15 min", "PT15M"],
  ["+1 h", "PT1H"],
  ["+1 day", "P1D"],
];
const holder = document.getElementById("clock");

async function ask(options) {
  const response = await fetch(ADDRESS, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail ?? body.error ?? `The clock answered ${response.status}.`);
  const told = Date.parse(body.now);
  if (Number.isNaN(told)) throw new Error("The clock gave no time.");
  state.clockOffset = told - Date.now();
  return body;
}

function moved() {
  return Math.abs(state.clockOffset) > 5000;
}

function hour() {
  return `${now().toISOString().slice(11, 16)} UTC`;
}

function draw() {
  const time = h("span", { class: "clock-time" });
  const tick = () =>
    fill(time, moved() && h("span", { class: "clock-date" }, `${now().toISOString().slice(0, 10)} `), hour());
  const button = h(
    "button",
    {
      type: "button",
      class: "switcher",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      title: "The bot's clock",
      onclick: () => toggle(panel.hidden),
    },
    icon("clock"),
    h("span", { class: "hidden" }, "The bot's clock: "),
    time,
  );
  const at = h("input", { type: "datetime-local", "aria-label": "New time, UTC", required: true });
  const set = h(
    "form",
    { class: "clock-set", onsubmit: (event) => (event.preventDefault(), move({ set: `${at.value}:00Z` })) },
    at,
    h("button", { type: "submit" }, "Set"),
  );
  const steps = h(
    "div",
    { class: "clock-steps" },
    STEPS.map(([label, advance]) => h("button", { type: "button", onclick: () => move({ advance }) }, label)),
  );
  const panel = h(
    "div",
    { class: "panel clock-panel", role: "dialog", "aria-label": "Move the bot's clock", hidden: true },
    h("p", {}, "Move the bot's clock forward. All that becomes due happens at once."),
    steps,
    set,
  );

  function toggle(visible) {
    panel.hidden = !visible;
    button.setAttribute("aria-expanded", String(visible));
    if (visible) at.value = new Date(now().getTime() + 3600_000).toISOString().slice(0, 16);
    if (visible) steps.firstChild.focus();
  }
  async function move(body) {
    panel.inert = true;
    holder.classList.add("busy");
    try {
      await ask({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      tick();
      toast(`The bot's clock shows ${now().toISOString().slice(0, 10)} ${hour()}.`);
    } catch (problem) {
      complain(problem);
    } finally {
      panel.inert = false;
      holder.classList.remove("busy");
    }
  }
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      toggle(false);
      button.focus();
    }
  });
  document.addEventListener("pointerdown", (event) => holder.contains(event.target) || toggle(false));
  tick();
  setInterval(tick, 1000);
  fill(holder, button, panel);
  holder.hidden = false;
}

/** Show the clock where the server has one; without it nothing is shown. */
export async function startClock() {
  try {
    await ask();
  } catch {
    return;
  }
  draw();
}
