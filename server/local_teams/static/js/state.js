// What the page knows: who acts, what exists, what has been said. Views listen and draw again.

import { get, listen, post } from "./api.js";

export const state = {
  directory: null,
  me: null,
  session: "",
  conversations: [],
  current: null,
  messages: new Map(),
  earlier: 0,
  area: "teams",
  clockOffset: 0,
};

const listeners = new Map();
const FIRST = 150;
let limit = FIRST;
let stopListening = () => {};

/** Call back on: person, conversations, conversation, messages, area, installed, message, elsewhere, typing, lost, back. */
export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

function tell(name, detail) {
  (listeners.get(name) ?? []).forEach((listener) => listener(detail));
}

/** The bot's own present moment: the development clock where there is one. */
export function now() {
  return new Date(Date.now() + state.clockOffset);
}

/** Find a person by object id. */
export function person(id) {
  return state.directory.people.find((each) => each.id === id);
}

/** The name of a conversation as this person calls it. */
export function title(conversation) {
  if (conversation.kind === "personal") return state.directory.bot.name;
  if (conversation.name) return conversation.name;
  const others = conversation.members.filter((id) => id !== state.me.id).map((id) => person(id)?.name.split(" ")[0]);
  return others.join(", ") || "Group chat";
}

/** Find a conversation of the person by id. */
export function conversation(id) {
  return state.conversations.find((each) => each.id === id) ?? null;
}

/** Load the organisation and become a person: by the address (?as=ada), else the last one, else the first. */
export async function start() {
  state.directory = await get("directory");
  if (!state.directory.people.length)
    throw new Error("The organisation has no people yet. Import one with: python app.py org import org.yaml");
  const asked = new URLSearchParams(location.search).get("as") ?? localStorage.getItem("local-teams.person");
  const found = state.directory.people.find((each) => each.handle === asked || each.id === asked);
  await become(found ?? state.directory.people[0]);
}

/** Act as this person from now on. */
export async function become(who) {
  stopListening();
  state.me = who;
  localStorage.setItem("local-teams.person", who.handle);
  await loadConversations();
  const wanted = new URLSearchParams(location.search).get("c");
  const found =
    conversation(wanted) ?? state.conversations.find((each) => each.kind === "channel") ?? state.conversations[0];
  tell("person");
  state.session = "";
  await open(found.id, { push: false, focus: false, quiet: !wanted });
  stopListening = listen(who.handle, hear, () => tell("lost"));
}

/** A hidden page lets go of its stream: a browser keeps only six connections to one server for all its tabs. */
export function sleepWhileHidden(seconds = 20) {
  let timer = 0;
  let asleep = false;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      timer = setTimeout(() => (stopListening(), (asleep = true)), seconds * 1000);
    } else if (asleep) {
      asleep = false;
      stopListening = listen(state.me.handle, hear, () => tell("lost"));
    } else if (state.current) markSeen();
  });
}

async function loadConversations() {
  state.conversations = (await get("conversations", { as: state.me.handle })).conversations;
  tell("conversations");
}

/** Show a conversation: at once the box to write in, then what has been said. `quiet` does not switch the phone layout. */
export async function open(id, { push = true, focus = true, quiet = false } = {}) {
  const found = conversation(id);
  if (!found) return;
  state.current = found;
  state.area = found.kind === "channel" ? "teams" : "chat";
  const url = new URL(location.href);
  url.searchParams.set("as", state.me.handle);
  url.searchParams.set("c", id);
  history[push ? "pushState" : "replaceState"]({ c: id }, "", url);
  limit = FIRST;
  tell("conversation", { focus, quiet });
  tell("area");
  announceOpen();
  await showMessages();
}

async function showMessages({ atStart = false } = {}) {
  const where = state.current;
  state.messages.clear();
  const { messages, total } = await get("messages", { as: state.me.handle, conversation: where.id, limit });
  if (where.id !== state.current.id) return;
  state.earlier = total - messages.length;
  // What the stream has brought meanwhile is newer.
  for (const message of messages) if (!state.messages.has(message.id)) state.messages.set(message.id, message);
  tell("messages", { atStart });
  markSeen();
}

/** Show more of the past. */
export async function openEarlier() {
  limit *= 4;
  await showMessages({ atStart: true });
}

function announceOpen() {
  if (!state.session || !state.current) return;
  post("open", { as: state.me.handle, conversation: state.current.id, session: state.session }).catch(() => {});
}

/** What cannot be fetched because the server is gone is fetched when it is back and says hello again. */
function hear(event) {
  received(event).catch(() => tell("lost"));
}

async function received(event) {
  if (event.type === "hello") {
    const again = state.session !== "";
    state.session = event.session;
    announceOpen();
    if (again) {
      await loadConversations();
      await showMessages();
    }
    tell("back");
  } else if (event.type === "message") {
    receivedMessage(event.message);
  } else if (event.type === "conversations") {
    await loadConversations();
    if (state.current) state.current = conversation(state.current.id) ?? state.current;
    tell("installed");
  } else {
    tell(event.type, event);
  }
}

function receivedMessage(message) {
  const where = conversation(message.conversation);
  if (!where) {
    loadConversations();
    return;
  }
  const isNew = BigInt(message.id) > BigInt(where.last?.id ?? 0);
  if (isNew) where.last = { id: message.id, at: message.at, mine: message.mine };
  if (state.current?.id === message.conversation) {
    state.messages.set(message.id, message);
    markSeen();
    tell("message", message);
  } else if (isNew && !message.mine) {
    tell("elsewhere", message);
  }
  tell("conversations");
}

// What has been read, per person, in this browser only.

function seenKey(id) {
  return `local-teams.seen.${state.me.handle}.${id}`;
}

function markSeen() {
  const shown = document.getElementById("conversation").offsetParent !== null && document.visibilityState === "visible";
  if (shown && state.current.last) localStorage.setItem(seenKey(state.current.id), state.current.last.id);
}

/** Say whether a conversation holds something this person has not seen. */
export function unread(where) {
  if (!where.last || where.last.mine) return false;
  return BigInt(localStorage.getItem(seenKey(where.id)) ?? 0) < BigInt(where.last.id);
}
