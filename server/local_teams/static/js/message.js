// One message: who, when, what, its card, its reactions, and the "…" menu.

import { post } from "./api.js";
import { messageCard, press } from "./cards.js";
import { composer } from "./compose.js";
import { openTask } from "./dialog.js";
import { avatar, h, icon } from "./dom.js";
import { renderMarkdown, renderPlain } from "./markdown.js";
import { menuButton, menuItem } from "./menu.js";
import { conversation, now, state } from "./state.js";
import { complain, toast } from "./toast.js";

const REACTIONS = { like: "👍", heart: "❤️", laugh: "😆", surprised: "😮", sad: "😢" };

/** Draw a message as an article; it is drawn again as a whole when it changes. */
export function messageElement(message) {
  const bot = message.from.id === "bot";
  const classes = [
    "message",
    message.mine && "own",
    message.private && "private",
    bot && "from-bot",
    message.mentions_me && "mentions-me",
  ];
  const head = h(
    "header",
    {},
    h("strong", {}, message.from.name),
    bot && h("span", { class: "tag" }, "App"),
    message.guest && h("span", { class: "tag" }, "Guest"),
    timeOf(message),
    message.edited && !message.deleted && h("span", { class: "mark" }, "Edited"),
    message.private && h("span", { class: "only-you" }, icon("eye"), "Only you can see this"),
  );
  const bubble = h("div", { class: "bubble" }, head, message.deleted ? deletedText(message) : content(message));
  const element = h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      "data-message": message.id,
      "aria-label": `${message.from.name}, ${clockTime(message.at)}`,
    },
    avatar(message.from.name, { bot }),
    bubble,
    !message.deleted && tools(message),
  );
  return element;
}

function content(message) {
  const words =
    message.text &&
    h(
      "div",
      { class: "text" },
      message.format === "markdown" ? renderMarkdown(message.text) : renderPlain(message.text),
    );
  const others = message.attachments.filter((type) => !/adaptive|text\/html/.test(type));
  return [
    words,
    message.card && messageCard(message),
    ...others.map((type) =>
      h("p", { class: "card-missing" }, `Local Teams cannot show an attachment of type ${type}.`),
    ),
    reactions(message),
  ];
}

function deletedText(message) {
  const undo =
    message.mine && h("button", { type: "button", class: "link", onclick: () => send("undelete", message) }, "Undo");
  return h("p", { class: "deleted" }, "This message has been deleted. ", undo);
}

function reactions(message) {
  const shown = Object.entries(message.reactions).filter(([kind]) => REACTIONS[kind]);
  if (!shown.length) return null;
  return h(
    "div",
    { class: "reactions" },
    shown.map(([kind, count]) =>
      h(
        "button",
        {
          type: "button",
          class: "reaction",
          "aria-pressed": String(message.my_reactions.includes(kind)),
          "aria-label": `${kind}, ${count}`,
          onclick: () => react(message, kind),
        },
        `${REACTIONS[kind]} ${count}`,
      ),
    ),
  );
}

// Time, in the zone of the person who looks

function inZone(date, options) {
  try {
    return date.toLocaleString("en-GB", { ...options, timeZone: state.me.time_zone });
  } catch {
    return date.toLocaleString("en-GB", { ...options, timeZone: "UTC" });
  }
}

function clockTime(at) {
  const date = new Date(at);
  const day = { year: "numeric", month: "2-digit", day: "2-digit" };
  const time = inZone(date, { hour: "2-digit", minute: "2-digit" });
  if (inZone(date, day) === inZone(now(), day)) return time;
  return `${inZone(date, { weekday: "short", day: "numeric", month: "short" })} ${time}`;
}

function timeOf(message) {
  return h(
    "time",
    {
      datetime: message.at,
      title: `${inZone(new Date(message.at), { dateStyle: "full", timeStyle: "medium" })} ${state.me.time_zone}`,
    },
    clockTime(message.at),
  );
}

// The tools of a message

function tools(message) {
  const quick =
    !message.private &&
    !message.mine &&
    h(
      "button",
      {
        type: "button",
        class: "quiet quick",
        "aria-label": "Like",
        title: "Like",
        onclick: () => react(message, "like"),
      },
      REACTIONS.like,
    );
  return h(
    "div",
    { class: "tools" },
    quick,
    menuButton("More options", (close) => items(message, close)),
  );
}

function items(message, close) {
  const item = (label, act) => menuItem(label, close, act);
  const found = [];
  if (!message.private && !message.mine) {
    const emoji = Object.entries(REACTIONS).map(([kind, sign]) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          class: "emoji",
          "aria-label": kind,
          onclick: () => (close(), react(message, kind)),
        },
        sign,
      ),
    );
    found.push(h("div", { class: "emoji-row", role: "group", "aria-label": "React" }, emoji));
  }
  if (message.mine)
    found.push(
      item("Edit", () => edit(message)),
      item("Delete", () => send("delete", message)),
    );
  if (message.card?.refresh?.action)
    found.push(item("Refresh card", () => press(message, { ...message.card.refresh.action })));
  for (const action of state.directory.actions) {
    if (action.contexts.includes("message") && conversation(message.conversation)?.installed)
      found.push(item(action.title, () => extension(action, message)));
  }
  found.push(item("Copy text", () => copy(message)));
  return found;
}

async function copy(message) {
  const text = document.querySelector(`[data-message="${message.id}"] .bubble`)?.innerText ?? "";
  await navigator.clipboard.writeText(text).then(
    () => toast("Copied."),
    () => complain(new Error("The browser did not allow copying.")),
  );
}

function react(message, kind) {
  return send("react", message, { reaction: kind });
}

function send(name, message, more = {}) {
  return post(name, { as: state.me.handle, message: message.id, ...more }).catch(complain);
}

function edit(message) {
  const element = document.querySelector(`[data-message="${message.id}"]`);
  const stop = () => {
    const fresh = messageElement(state.messages.get(message.id));
    element.replaceWith(fresh);
    fresh.querySelector(".tools button")?.focus();
  };
  stop.editing = true;
  const box = composer({
    where: conversation(message.conversation),
    label: "Edit message",
    value: message.source,
    submit: "Save",
    onCancel: stop,
    onSend: async ({ text }) => {
      await post("edit", { as: state.me.handle, message: message.id, text });
      stop();
    },
  });
  element.querySelector(".text")?.replaceWith(box.element);
  box.focus();
  box.grow();
}

/** Open the dialog of a message extension action, on a message or from the composer. */
export async function extension(action, message, where = state.current) {
  const body = {
    as: state.me.handle,
    conversation: message?.conversation ?? where.id,
    command: action.id,
    message: message?.id ?? null,
  };
  try {
    const outcome = await post("extension", { ...body, submit: false });
    if (outcome.kind === "dialog")
      openTask(outcome.dialog, (data) => post("extension", { ...body, submit: true, data }));
    else if (outcome.text) toast(outcome.text, { kind: outcome.kind === "error" ? "bad" : "" });
  } catch (problem) {
    complain(problem);
  }
}
