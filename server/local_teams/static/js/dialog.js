// Dialogs (task modules) that the bot opens, in an HTML dialog.

import { drawCard } from "./cards.js";
import { avatar, fill, h, icon } from "./dom.js";
import { safeUrl } from "./markdown.js";
import { state } from "./state.js";

const WIDTHS = { small: 380, medium: 560, large: 760 };

/** Show a dialog `{title, card, url, width}`; `submit(data)` sends it and returns the bot's outcome. */
export function openTask(task, submit) {
  const bot = state.directory.bot.name;
  const title = h("h2", { id: "task-title" });
  const body = h("div", { class: "task-body" });
  const problem = h("p", { class: "card-note bad", role: "alert" });
  const close = () => dialog.close();
  const head = h(
    "header",
    { class: "dialog-head" },
    avatar(bot, { bot: true, small: true }),
    h("div", {}, h("small", {}, bot), title),
    h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, icon("close")),
  );
  const dialog = h(
    "dialog",
    { class: "task", "aria-labelledby": "task-title", onclose: () => dialog.remove() },
    head,
    body,
    problem,
  );

  function draw(shown) {
    title.textContent = shown.title || bot;
    const width = WIDTHS[shown.width] ?? Number(shown.width);
    dialog.style.width = `${Math.min(Math.max(width || WIDTHS.medium, 280), 1000)}px`;
    if (shown.card) fill(body, drawCard(shown.card, act).element);
    else fill(body, webPage(shown.url));
    body.querySelector("input, textarea, select, button")?.focus();
  }

  async function act(action) {
    if (action.type !== "Action.Submit") {
      problem.textContent = "Teams does not carry out Action.Execute in dialogs. Use Action.Submit.";
      return;
    }
    problem.textContent = "";
    dialog.classList.add("busy");
    try {
      show(await submit(action.data));
    } catch (failure) {
      problem.textContent = failure.message;
    } finally {
      dialog.classList.remove("busy");
    }
  }

  function show(outcome) {
    if (outcome.kind === "dialog") draw(outcome.dialog);
    else if (outcome.kind === "message") say(outcome.text);
    else if (outcome.kind === "error") problem.textContent = outcome.text;
    else close();
  }

  function say(text) {
    const done = h("button", { type: "button", class: "primary", onclick: close }, "Close");
    fill(body, h("p", { class: "task-said", role: "status" }, text), h("footer", { class: "dialog-foot" }, done));
    done.focus();
  }

  document.body.append(dialog);
  dialog.showModal();
  draw(task);
}

function webPage(address) {
  const url = safeUrl(address ?? "");
  if (!url) return h("p", { class: "task-said" }, "This dialog has no content.");
  if (new URL(url).origin === location.origin) return h("iframe", { src: url, title: "Dialog" });
  return h(
    "p",
    { class: "task-said" },
    "This dialog is a web page elsewhere: ",
    h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url),
  );
}
