// Choosing people: the switcher "You are", and the form for a new group chat.

import { post } from "./api.js";
import { arrowKeys, avatar, fill, h, icon } from "./dom.js";
import { become, on, open, person, state } from "./state.js";
import { complain } from "./toast.js";

const holder = document.getElementById("person");

function matches(who, words) {
  return `${who.name} ${who.handle} ${who.email}`.toLowerCase().includes(words.trim().toLowerCase());
}

function localTime(who) {
  try {
    const time = new Date().toLocaleTimeString("en-GB", {
      timeZone: who.time_zone,
      hour: "2-digit",
      minute: "2-digit",
    });
    return `${time} ${who.time_zone.split("/").at(-1).replaceAll("_", " ")}`;
  } catch {
    return who.time_zone;
  }
}

function face(who) {
  return [
    avatar(who.name, { small: true }),
    h(
      "span",
      { class: "who" },
      h("span", {}, who.name, who.guest && h("span", { class: "tag" }, "Guest")),
      h("small", {}, localTime(who)),
    ),
  ];
}

function drawSwitcher() {
  const button = h(
    "button",
    {
      type: "button",
      class: "switcher",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      onclick: () => (panel.hidden ? show() : hide()),
    },
    avatar(state.me.name, { small: true }),
    h("span", { class: "switcher-text" }, h("span", { class: "you" }, "You are: "), h("strong", {}, state.me.name)),
    icon("down"),
  );
  const filter = h("input", {
    type: "search",
    placeholder: "Find a person",
    "aria-label": "Find a person",
    oninput: () => drawPeople(),
  });
  const people = h("ul", { class: "people" });
  const panel = h(
    "div",
    { class: "panel", role: "dialog", "aria-label": "Act as another person", hidden: true },
    filter,
    people,
  );

  function drawPeople() {
    const found = state.directory.people.filter((who) => matches(who, filter.value)).slice(0, 100);
    const entry = (who) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: "entry",
            "aria-current": who.id === state.me.id ? "true" : null,
            onclick: () => choose(who),
          },
          face(who),
        ),
      );
    fill(people, found.length ? found.map(entry) : h("li", { class: "empty" }, "Nobody has that name."));
  }
  async function choose(who) {
    hide();
    await become(who).catch(complain);
    holder.querySelector("button").focus();
  }
  function show() {
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    filter.value = "";
    drawPeople();
    filter.focus();
  }
  function hide() {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }
  arrowKeys(panel, "input, button.entry");
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hide();
      button.focus();
    } else if (event.key === "Enter" && event.target === filter) {
      people.querySelector("button")?.click();
    }
  });
  holder.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !holder.contains(event.relatedTarget)) hide();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!holder.contains(event.target)) hide();
  });
  fill(holder, button, panel);
}

/** Open the form for a new group chat. */
export function openGroupChatDialog() {
  const chosen = new Set();
  const name = h("input", {
    type: "text",
    id: "group-name",
    maxlength: 100,
    placeholder: "For example: Checkout war room",
  });
  const filter = h("input", {
    type: "search",
    "aria-label": "Find people",
    placeholder: "Find people",
    oninput: () => draw(),
  });
  const people = h("ul", { class: "people choose" });
  const create = h("button", { type: "submit", class: "primary", disabled: true }, "Create");
  const close = () => dialog.close();
  const form = h(
    "form",
    { method: "dialog", onsubmit: submit },
    h(
      "header",
      { class: "dialog-head" },
      h("h2", { id: "group-title" }, "New group chat"),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, icon("close")),
    ),
    h("label", { for: "group-name" }, "Name"),
    name,
    h("fieldset", {}, h("legend", {}, `People (${state.directory.bot.name} is always part of it)`), filter, people),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", onclick: close }, "Cancel"), create),
  );
  const dialog = h(
    "dialog",
    { class: "group-dialog", "aria-labelledby": "group-title", onclose: () => dialog.remove() },
    form,
  );

  function draw() {
    const found = state.directory.people.filter(
      (who) => who.id !== state.me.id && (chosen.has(who.id) || matches(who, filter.value)),
    );
    const box = (who) =>
      h("input", {
        type: "checkbox",
        checked: chosen.has(who.id),
        onchange: (event) => toggle(who.id, event.target.checked),
      });
    fill(
      people,
      found.slice(0, 100).map((who) => h("li", {}, h("label", { class: "entry" }, box(who), face(who)))),
    );
  }
  function toggle(id, isChosen) {
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    create.disabled = chosen.size === 0;
  }
  async function submit(event) {
    event.preventDefault();
    try {
      const chat = await post("group-chats", { as: state.me.handle, name: name.value, members: [...chosen] });
      if (!state.conversations.some((each) => each.id === chat.id)) state.conversations.push(chat);
      close();
      await open(chat.id);
    } catch (problem) {
      complain(problem);
    }
  }
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

/** The names in a conversation, for its head. */
export function memberNames(conversation) {
  return conversation.members.map((id) => person(id)?.name).filter(Boolean);
}

/** Draw the switcher and keep it fresh. */
export function startPeople() {
  on("person", drawSwitcher);
}
