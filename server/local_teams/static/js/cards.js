// Adaptive Cards, drawn by Microsoft's own renderer with this page's host config.

import { post } from "./api.js";
import { h } from "./dom.js";
import { openTask } from "./dialog.js";
import { hostConfig } from "./hostconfig.js";
import { markdownToHtml, safeUrl } from "./markdown.js";
import { person, state } from "./state.js";
import { theme } from "./theme.js";
import { complain } from "./toast.js";

const PEOPLE = "graph.microsoft.com/users";
const LONG_LIST = 15;
const SENT = "Your response was sent to the app.";

const drawn = new Map();
const notes = new Map();
const submitted = new Set();

/** Hand our markdown to the renderer. */
export function startCards() {
  const library = window.AdaptiveCards;
  if (!library) return;
  library.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdownToHtml(text);
    result.didProcess = true;
  };
}

/** Draw a card; `onAction(action)` gets {type, id, title, verb, data} with the inputs merged in. */
export function drawCard(json, onAction) {
  const library = window.AdaptiveCards;
  if (!library) return fallback(json);
  const card = new library.AdaptiveCard();
  card.hostConfig = new library.HostConfig(hostConfig(theme()));
  card.onExecuteAction = (action) => carryOut(action, onAction);
  try {
    card.parse(prepared(json));
    const element = card.render();
    if (!element) return fallback(json);
    element.classList.toggle("full", json.msteams?.width?.toLowerCase?.() === "full");
    return { element, card };
  } catch (problem) {
    console.error("This card cannot be drawn", problem);
    return fallback(json);
  }
}

function fallback(json) {
  const text = json.fallbackText || "This card cannot be shown.";
  const missing = !window.AdaptiveCards && " (The card renderer is missing: run python web/build.py.)";
  return { element: h("p", { class: "card-missing" }, text, missing), card: null };
}

function carryOut(action, onAction) {
  const type = action.getJsonTypeName();
  if (type === "Action.OpenUrl") {
    const url = safeUrl(action.url ?? "");
    if (url) window.open(url, "_blank", "noopener");
    else complain(new Error("This link is not a web address and was not opened."));
  } else if (type === "Action.Execute" || type === "Action.Submit") {
    const { id, title, verb, data } = action;
    onAction({ type, id, title, verb, data: data ?? {} }, action.renderedElement);
  }
}

// People pickers and typeahead: Teams fills them in the client, so does this page.

function* nodes(value) {
  if (Array.isArray(value)) for (const each of value) yield* nodes(each);
  else if (value && typeof value === "object") {
    yield value;
    for (const each of Object.values(value)) yield* nodes(each);
  }
}

function prepared(json) {
  const copy = structuredClone(json);
  for (const node of nodes(copy)) {
    if (node.type !== "Input.ChoiceSet" || !node["choices.data"]) continue;
    const choices = node["choices.data"].dataset?.startsWith?.(PEOPLE)
      ? peopleChoices(node["choices.data"].dataset)
      : [];
    node.choices = [...(node.choices ?? []), ...choices];
    node.placeholder ??= "Choose";
    if (!node.isMultiSelect) node.style = node.choices.length > LONG_LIST ? "filtered" : "compact";
    delete node["choices.data"];
  }
  return copy;
}

function peopleChoices(dataset) {
  const here = dataset.includes("scope=currentContext")
    ? state.current.members.map(person).filter(Boolean)
    : state.directory.people;
  return here.map((who) => ({ title: who.name, value: who.id }));
}

async function searched(json, message) {
  const waiting = [...nodes(json)].filter(
    (node) => node["choices.data"]?.dataset && !node["choices.data"].dataset.startsWith(PEOPLE),
  );
  for (const node of waiting) {
    const query = { queryText: "", dataset: node["choices.data"].dataset };
    const { results } = await post("search", {
      as: state.me.handle,
      conversation: message.conversation,
      message: message.id,
      query,
    });
    node.choices = [...(node.choices ?? []), ...results.map(({ title, value }) => ({ title, value }))];
    node.placeholder ??= "Choose";
    delete node["choices.data"];
  }
}

function needsSearch(json) {
  return [...nodes(json)].some(
    (node) => node["choices.data"]?.dataset && !node["choices.data"].dataset.startsWith?.(PEOPLE),
  );
}

// The card of a message

/** Draw the card of a message, keeping what this person has typed into its predecessor. */
export function messageCard(message) {
  const holder = h("div", { class: "card-holder" });
  const json = structuredClone(message.card);
  const before = submitted.has(message.id) ? null : remembered(message.id);
  submitted.delete(message.id);
  if (before) restoreValues(json, before);
  const draw = () => {
    const { element, card } = drawCard(json, (action, button) => press(message, action, holder, button));
    drawn.set(message.id, { json, card, holder });
    holder.replaceChildren(h("div", { class: "card-frame" }, element), noteOf(message.id));
    if (before) restorePlace(card, holder, before);
  };
  draw();
  if (needsSearch(json)) searched(json, message).then(draw, complain);
  return holder;
}

function noteOf(id) {
  const note = notes.get(id);
  return h("p", { class: `card-note ${note?.kind ?? ""}`, role: "status" }, note?.text ?? "");
}

function remembered(id) {
  const old = drawn.get(id);
  if (!old?.card || !old.holder.isConnected) return null;
  const values = new Map();
  let focused = null;
  for (const input of old.card.getAllInputs(true)) {
    if (input.value !== undefined && String(input.value ?? "") !== String(input.defaultValue ?? ""))
      values.set(input.id, input.value);
    if (input.renderedElement?.contains(document.activeElement)) focused = input.id;
  }
  const open = [...old.holder.querySelectorAll('button[aria-expanded="true"]')].map((button) => button.textContent);
  const pressed = old.holder.contains(document.activeElement) && !focused;
  return { values, focused, open, pressed };
}

function restoreValues(json, { values }) {
  for (const node of nodes(json))
    if (node.type?.startsWith?.("Input.") && values.has(node.id)) node.value = values.get(node.id);
}

function restorePlace(card, holder, { focused, open, pressed }) {
  queueMicrotask(() => {
    for (const button of holder.querySelectorAll('button[aria-expanded="false"]'))
      if (open.includes(button.textContent)) button.click();
    if (focused)
      card
        ?.getAllInputs(true)
        .find((input) => input.id === focused)
        ?.focus();
    else if (pressed) holder.querySelector("button")?.focus();
  });
}

/** Press a button of a card; the answer shows under the card, as a new card or as a dialog. */
export async function press(message, action, holder = null, button = null) {
  notes.delete(message.id);
  submitted.add(message.id);
  busy(holder, button, true);
  try {
    const outcome = await post("press", {
      as: state.me.handle,
      message: message.id,
      action,
      theme: theme() === "dark" ? "dark" : "default",
    });
    if (outcome.kind === "error" || outcome.kind === "message") submitted.delete(message.id);
    if (outcome.kind === "error") note(message.id, outcome.text, "bad");
    if (outcome.kind === "message") note(message.id, outcome.text, "said");
    if (outcome.kind === "done" && action.type === "Action.Submit") note(message.id, SENT, "said");
    if (outcome.kind === "dialog")
      openTask(outcome.dialog, (data) =>
        post("dialog", { as: state.me.handle, conversation: message.conversation, message: message.id, data }),
      );
  } catch (problem) {
    submitted.delete(message.id);
    complain(problem);
  } finally {
    busy(drawn.get(message.id)?.holder ?? holder, button, false);
  }
}

function note(id, text, kind) {
  notes.set(id, { text, kind });
  const line = drawn.get(id)?.holder.querySelector(".card-note");
  line?.replaceWith(noteOf(id));
}

function busy(holder, button, isBusy) {
  if (!holder) return;
  holder.classList.toggle("busy", isBusy);
  holder.setAttribute("aria-busy", String(isBusy));
  button?.classList.toggle("pressed", isBusy);
}
