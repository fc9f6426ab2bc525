// The open conversation: its head, its messages or posts with threads, and the box to write in.

import { post } from "./api.js";
import { composer } from "./compose.js";
import { avatar, fill, h, icon } from "./dom.js";
import { menuButton, menuItem } from "./menu.js";
import { extension, messageElement } from "./message.js";
import { memberNames } from "./people.js";
import { on, openEarlier, state, title } from "./state.js";
import { onTheme } from "./theme.js";
import { complain, toast } from "./toast.js";

const main = document.getElementById("conversation");
let log = null;
let typing = null;
let mainBox = null;
let putAt = -1;
const drafts = new Map(); // conversation id -> what this person has begun to write there

// Sending

async function say(where, { text, slash }, root = null) {
  const { delivery } = await post("say", { as: state.me.handle, conversation: where.id, text, root, slash });
  if (delivery && Math.floor(delivery.status / 100) !== 2) {
    const told = delivery.status ? `answered ${delivery.status}` : "did not answer";
    toast(`${state.directory.bot.name} ${told}. Local Teams delivers again where Teams would.`, { kind: "bad" });
  }
}

// The whole

/** Draw all but the messages, which are on their way: nobody has to wait before writing. */
function draw({ focus, quiet }) {
  const where = state.current;
  mainBox?.keep();
  const isChannel = where.kind === "channel";
  const label = isChannel ? "Start a post" : "Type a message";
  mainBox = composer({
    where,
    label,
    placeholder: label,
    draft: drafts.get(where.id),
    onSend: (sent) => say(where, sent),
    onKeep: (draft) => drafts.set(where.id, draft),
  });
  log = emptyLog(where);
  typing = h("p", { class: "typing", role: "status" });
  fill(main, head(where), log, h("div", { class: "foot" }, typing, composeActions(where), mainBox.element));
  // Before scrolling: on a phone the log has no height until its screen is shown.
  if (!quiet) document.body.classList.add("reading");
  document.title = `${title(where)} – Local Teams`;
  if (focus) mainBox.focus();
}

/** Draw the messages in a log of their own: what stands in one from its beginning is not read out as new. */
function drawMessages({ atStart }) {
  const before = log;
  const focused = document.activeElement;
  log = emptyLog(state.current);
  for (const message of sorted()) place(message);
  if (!log.firstChild) log.append(welcome(state.current));
  if (state.earlier > 0) log.prepend(earlierButton());
  keepBoxes(before);
  before.replaceWith(log);
  if (focused === before) log.focus();
  else if (log.contains(focused)) focused.focus();
  if (!atStart) toEnd();
}

/** Somebody who writes a reply or edits a message goes on with it. */
function keepBoxes(before) {
  for (const box of before.querySelectorAll(".composer")) {
    const holder = box.closest(".message, .reply-holder");
    const { message } = holder.dataset;
    const { post: root } = holder.closest(".post")?.dataset ?? {};
    const same = message ? `[data-message="${message}"]` : `[data-post="${root}"] .reply-holder`;
    log.querySelector(same)?.replaceWith(holder);
  }
}

function emptyLog(where) {
  return h("div", {
    class: `log ${where.kind === "channel" ? "channel" : "chat"}`,
    role: "log",
    "aria-live": "polite",
    "aria-relevant": "additions",
    "aria-label": `Messages in ${title(where)}`,
    tabindex: 0,
  });
}

function earlierButton() {
  const label = `Show earlier messages (${state.earlier})`;
  return h("button", { type: "button", class: "subtle earlier", onclick: () => openEarlier().catch(complain) }, label);
}

function sorted() {
  return [...state.messages.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

function head(where) {
  const back = h(
    "button",
    { type: "button", class: "quiet back", "aria-label": "Back to the list", onclick: backToList },
    icon("back"),
  );
  const names = memberNames(where);
  const sub =
    where.kind === "channel"
      ? where.team.name
      : where.kind === "personal"
        ? "App · only you and the bot"
        : names.join(", ");
  const face =
    where.kind === "channel"
      ? h("span", { class: "team-face", "aria-hidden": "true" }, where.team.name.slice(0, 2).toUpperCase())
      : avatar(title(where), { bot: where.kind === "personal" });
  return h(
    "header",
    { class: "conversation-head" },
    back,
    face,
    h("div", { class: "names" }, h("h2", {}, title(where)), h("p", { title: names.join(", ") }, sub)),
    app(where),
  );
}

function app(where) {
  if (where.kind === "personal") return null;
  const bot = state.directory.bot.name;
  const label = where.installed ? `Remove ${bot} from here` : `Add ${bot}`;
  const change = () =>
    post("install", { as: state.me.handle, conversation: where.id, installed: !where.installed }).catch(complain);
  const people = h(
    "span",
    { class: "count", title: memberNames(where).join(", ") },
    icon("teams"),
    String(where.members.length),
  );
  return [people, menuButton("Options of this conversation", (close) => [menuItem(label, close, change)])];
}

function backToList() {
  document.body.classList.remove("reading");
  document.querySelector(`[data-conversation="${CSS.escape(state.current.id)}"]`)?.focus();
}

function composeActions(where) {
  const offered = state.directory.actions.filter((action) => action.contexts.includes("compose") && where.installed);
  if (!offered.length) return null;
  return h(
    "div",
    { class: "compose-actions" },
    offered.map((action) =>
      h("button", { type: "button", class: "subtle", onclick: () => extension(action, null, where) }, action.title),
    ),
  );
}

function welcome(where) {
  const bot = state.directory.bot.name;
  const call = where.kind === "personal" ? "help" : `@${bot} help`;
  const words =
    where.kind === "personal" ? `This is your own chat with ${bot}.` : `This is the beginning of ${title(where)}.`;
  if (!where.installed) return h("div", { class: "welcome" }, h("p", {}, words));
  const start = h("button", { type: "button", class: "subtle", onclick: () => mainBox.put(call) }, call);
  return h(
    "div",
    { class: "welcome" },
    avatar(bot, { bot: true }),
    h("p", {}, words),
    h("p", {}, "Say for example ", start),
  );
}

// Messages and posts

function upsert(message) {
  if (message.conversation !== state.current?.id || !log) return;
  const atEnd = followsAlong();
  log.querySelector(".welcome")?.remove();
  const old = log.querySelector(`[data-message="${message.id}"]`);
  if (old?.querySelector(".composer")) return;
  if (old) old.replaceWith(messageElement(message));
  else place(message);
  if (message.from.id === "bot") typing.textContent = "";
  // A card that grew in place must not push its buttons out of sight of somebody who reads at the end.
  if (atEnd || (!old && message.mine)) toEnd(message);
}

function place(message) {
  if (state.current.kind !== "channel") {
    insert(log, messageElement(message), message.id);
    return;
  }
  const root = message.root && log.querySelector(`[data-post="${message.root}"]`);
  if (root) insert(root.querySelector(".replies"), messageElement(message), message.id);
  else insert(log, postElement(message), message.id);
}

/** Insert by id: messages that were sent at the same moment may arrive in any order. */
function insert(parent, element, id) {
  const later = [...parent.children].reverse();
  const before = later.findIndex((each) => BigInt(each.dataset.message ?? each.dataset.post ?? 0) < BigInt(id));
  const next = before < 0 ? parent.firstElementChild : later[before].nextElementSibling;
  parent.insertBefore(element, next);
}

function postElement(message) {
  const where = state.current;
  const holder = h("div", { class: "reply-holder" });
  const open = h("button", { type: "button", class: "reply-open", onclick: () => reply() }, icon("reply"), "Reply");
  function reply() {
    const close = () => (fill(holder, open), open.focus());
    const box = composer({
      where,
      label: "Reply",
      placeholder: "Reply",
      onCancel: close,
      onSend: (sent) => say(where, sent, message.id),
    });
    fill(holder, box.element);
    box.focus();
  }
  fill(holder, open);
  return h(
    "section",
    { class: `post${message.private ? " private" : ""}`, "data-post": message.id },
    messageElement(message),
    h("div", { class: "replies" }),
    // Teams offers no replies to private messages.
    !message.private && holder,
  );
}

/** Whoever is at the end, or still where the page has put them, wants to see what comes; not whoever fills in a form. */
function followsAlong() {
  if (log.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return false;
  const below = log.scrollHeight - log.scrollTop - log.clientHeight;
  return below < 120 || Math.abs(log.scrollTop - putAt) < 2;
}

/** Show the end, or a message in an older thread. What is taller than the screen is shown from its beginning. */
function toEnd(message = null) {
  const last = log.lastElementChild;
  const named = message && log.querySelector(`[data-message="${message.id}"]`);
  const target = named ?? [...log.querySelectorAll(".message")].at(-1);
  if (target && target.offsetHeight > log.clientHeight) target.scrollIntoView({ block: "start" });
  else if (named && !last.contains(named)) named.scrollIntoView({ block: "nearest" });
  else log.scrollTop = log.scrollHeight;
  putAt = log.scrollTop;
}

let typingTimer = 0;

function showTyping({ conversation }) {
  if (conversation !== state.current?.id) return;
  typing.textContent = `${state.directory.bot.name} is typing …`;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => (typing.textContent = ""), 6000);
}

/** Draw the open conversation and keep it fresh. */
export function startConversation() {
  on("person", () => ((mainBox = null), drafts.clear()));
  on("conversation", draw);
  on("messages", drawMessages);
  on("message", upsert);
  on("typing", showTyping);
  on("installed", () => state.current && main.querySelector(".conversation-head")?.replaceWith(head(state.current)));
  onTheme(() => {
    if (!log) return;
    for (const message of sorted().filter((each) => each.card))
      log.querySelector(`[data-message="${message.id}"]`)?.replaceWith(messageElement(message));
  });
}
