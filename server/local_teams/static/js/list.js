// The rail at the edge and the list of conversations beside it.

import { avatar, arrowKeys, fill, h, icon } from "./dom.js";
import { openGroupChatDialog } from "./people.js";
import { on, open, state, title, unread } from "./state.js";
import { switchTheme, theme, onTheme } from "./theme.js";

const rail = document.getElementById("rail");
const list = document.getElementById("list");

function drawRail() {
  const area = (name, label) => {
    const fresh = state.conversations.some((each) => (each.kind === "channel") === (name === "teams") && unread(each));
    return h(
      "button",
      {
        type: "button",
        class: "rail-item",
        "aria-current": state.area === name ? "true" : null,
        onclick: () => choose(name),
      },
      icon(name),
      h("span", {}, label),
      fresh && h("span", { class: "badge" }, h("span", { class: "hidden" }, "unread")),
    );
  };
  const dark = theme() === "dark";
  const label = dark ? "Light theme" : "Dark theme";
  fill(
    rail,
    area("chat", "Chat"),
    area("teams", "Teams"),
    h("span", { class: "spring" }),
    h(
      "button",
      { type: "button", class: "rail-item theme", "aria-label": label, title: label, onclick: switchTheme },
      icon(dark ? "sun" : "moon"),
      h("span", {}, dark ? "Light" : "Dark"),
    ),
  );
}

function choose(area) {
  state.area = area;
  document.body.classList.remove("reading");
  drawRail();
  drawList();
}

function entry(conversation) {
  const name = title(conversation);
  const fresh = unread(conversation);
  const own =
    conversation.kind === "channel" ? h("span", { class: "hash", "aria-hidden": "true" }, "#") : face(conversation);
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `entry${fresh ? " unread" : ""}`,
        "aria-current": state.current?.id === conversation.id ? "page" : null,
        "data-conversation": conversation.id,
        onclick: () => open(conversation.id),
      },
      own,
      h("span", { class: "entry-name" }, name),
      fresh && h("span", { class: "dot" }, h("span", { class: "hidden" }, "unread")),
    ),
  );
}

function face(conversation) {
  return avatar(title(conversation), { bot: conversation.kind === "personal", small: true });
}

function chats() {
  const mine = state.conversations.filter((each) => each.kind !== "channel");
  const time = (each) => (each.kind === "personal" ? "~" : (each.last?.at ?? ""));
  return h("ul", { class: "entries" }, mine.sort((a, b) => time(b).localeCompare(time(a))).map(entry));
}

function teams() {
  const mine = state.conversations.filter((each) => each.kind === "channel");
  const names = new Map(mine.map((each) => [each.team.id, each.team.name]));
  if (!names.size) return h("p", { class: "empty" }, `${state.me.name} is in no team.`);
  return [...names].map(([id, name]) =>
    h(
      "details",
      { class: "team", open: true },
      h("summary", {}, h("span", { class: "team-face", "aria-hidden": "true" }, name.slice(0, 2).toUpperCase()), name),
      h("ul", { class: "entries" }, mine.filter((each) => each.team.id === id).map(entry)),
    ),
  );
}

function drawList() {
  if (!state.me) return;
  const focused = document.activeElement?.dataset?.conversation;
  const chat = state.area === "chat";
  const add = h(
    "button",
    { type: "button", class: "subtle add", onclick: openGroupChatDialog },
    icon("plus"),
    "New group chat",
  );
  fill(
    list,
    h("div", { class: "list-head" }, h("h2", {}, chat ? "Chat" : "Teams"), chat && add),
    chat ? chats() : teams(),
  );
  if (focused) list.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
}

/** Draw both and keep them fresh. */
export function startList() {
  arrowKeys(list, "button.entry, summary");
  arrowKeys(rail, "button");
  const draw = () => {
    drawRail();
    drawList();
  };
  ["conversations", "area", "person"].forEach((name) => on(name, draw));
  onTheme(drawRail);
}
