// The box in which people write: several lines, @ for people and the bot, / for private commands.

import { h, icon } from "./dom.js";
import { person, state } from "./state.js";
import { complain } from "./toast.js";

let boxes = 0;

/**
 * Create a composer. `onSend({text, slash})` returns a promise; a refused text comes back into the box. `onKeep` is given
 * what was begun, which a later composer takes as its `draft`.
 */
export function composer({
  where,
  label,
  placeholder = "",
  value = "",
  draft = null,
  submit = "Send",
  onSend,
  onKeep = null,
  onCancel = null,
}) {
  const bot = state.directory.bot.name;
  const canSlash = where.kind !== "personal" && where.installed && !onCancel?.editing;
  const menuId = `menu-${++boxes}`;
  let slash = false;
  let choices = [];
  let active = 0;

  const text = h("textarea", {
    rows: 1,
    "aria-label": label,
    placeholder,
    value,
    "aria-autocomplete": "list",
    "aria-controls": menuId,
    oninput: changed,
    onkeydown: key,
    onclick: suggest,
    onblur: () => setTimeout(hideMenu, 150),
  });
  const chip = h(
    "span",
    { class: "chip", hidden: true },
    `/${bot}`,
    h(
      "button",
      { type: "button", class: "quiet", "aria-label": "Leave the private command", onclick: leaveSlash },
      icon("close"),
    ),
  );
  const menu = h("ul", {
    class: "suggestions",
    role: "listbox",
    id: menuId,
    hidden: true,
    "aria-label": "Suggestions",
  });
  const hint = h("p", { class: "hint" });
  const send = h("button", { type: "submit", class: "send", "aria-label": submit, title: submit }, icon("send"));
  const cancel =
    onCancel &&
    h(
      "button",
      { type: "button", class: "quiet", "aria-label": "Cancel", title: "Cancel", onclick: onCancel },
      icon("close"),
    );
  const box = h(
    "form",
    { class: "composer", onsubmit: submitted },
    menu,
    h("div", { class: "box" }, chip, text, cancel, send),
    hint,
  );

  function hearing() {
    if (slash) return `Only you and ${bot} will see this.`;
    if (where.kind === "personal" || !where.installed) return "";
    const named = text.value.toLowerCase().includes(`@${bot.toLowerCase()}`);
    return named ? `${bot} will read this.` : `Mention @${bot} or type / to talk to the bot.`;
  }

  /** Whoever types "/Incident …" or "/declare …" to the end means the same as whoever picks it from the menu. */
  function typedSlash() {
    const typed = canSlash && !slash && /^\/(\S+)(?:\s+|$)/.exec(text.value);
    if (!typed) return;
    const word = typed[1].toLowerCase();
    if (word === bot.toLowerCase()) enterSlash(text.value.slice(typed[0].length));
    else if (state.directory.commands.some((each) => each.title.toLowerCase() === word))
      enterSlash(text.value.slice(1));
  }

  function changed(event) {
    if (event && /\s/.test(text.value)) typedSlash();
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
    hint.textContent = hearing();
    box.classList.toggle("private", slash);
    suggest();
  }

  // Suggestions

  function offered() {
    const before = text.value.slice(0, text.selectionStart);
    if (canSlash && !slash && /^\/[\w -]*$/.test(before)) return slashChoices(before.slice(1));
    const word =
      slash || where.kind === "personal"
        ? /^()(\w+)$/.exec(before)
        : new RegExp(`@(${escapeRegExp(bot)})\\s+(\\w*)$`, "i").exec(before);
    if (word) return commandChoices(word[2]);
    const at = /(?:^|[\s(])@([^\n@]{0,40})$/.exec(before);
    return at ? mentionChoices(at[1]) : [];
  }

  function slashChoices(typed) {
    const words = typed.toLowerCase();
    const whole = { title: bot, detail: "Send a command that only you can see", pick: () => enterSlash("") };
    const commands = state.directory.commands
      .filter((each) => each.title.toLowerCase().startsWith(words))
      .map((each) => ({
        title: `${bot} ${each.title}`,
        detail: each.description,
        pick: () => enterSlash(`${each.title} `),
      }));
    return bot.toLowerCase().startsWith(words) || !words ? [whole, ...commands] : commands;
  }

  function commandChoices(typed) {
    return state.directory.commands
      .filter(
        (each) =>
          each.title.toLowerCase().startsWith(typed.toLowerCase()) && each.title.toLowerCase() !== typed.toLowerCase(),
      )
      .map((each) => ({
        title: each.title,
        detail: each.description,
        pick: () => replaceBefore(typed.length, `${each.title} `),
      }));
  }

  function mentionChoices(typed) {
    const names = where.members
      .map((id) => person(id))
      .filter(Boolean)
      .map((who) => ({ title: who.name, detail: who.handle }));
    if (where.installed) names.unshift({ title: bot, detail: "App" });
    const words = typed.toLowerCase();
    return names
      .filter(({ title, detail }) =>
        [title, detail, ...title.split(" ")].some((each) => each.toLowerCase().startsWith(words)),
      )
      .filter(({ title }) => title.toLowerCase() !== words.trim())
      .slice(0, 8)
      .map((each) => ({ ...each, pick: () => replaceBefore(typed.length + 1, `@${each.title} `) }));
  }

  function suggest() {
    choices = document.activeElement === text ? offered() : [];
    active = 0;
    drawMenu();
  }

  function drawMenu() {
    menu.hidden = !choices.length;
    text.setAttribute("aria-expanded", String(!menu.hidden));
    menu.replaceChildren(
      ...choices.map((each, index) =>
        h(
          "li",
          {
            role: "option",
            id: `${menuId}-${index}`,
            "aria-selected": String(index === active),
            onpointerdown: (event) => (event.preventDefault(), pick(index)),
          },
          h("strong", {}, each.title),
          h("span", {}, each.detail),
        ),
      ),
    );
    if (menu.hidden) text.removeAttribute("aria-activedescendant");
    else text.setAttribute("aria-activedescendant", `${menuId}-${active}`);
    menu.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function hideMenu() {
    choices = [];
    drawMenu();
  }

  function pick(index) {
    const chosen = choices[index];
    hideMenu();
    chosen.pick();
    text.focus();
    changed();
  }

  function replaceBefore(length, inserted) {
    const end = text.selectionStart;
    text.setRangeText(inserted, end - length, end, "end");
  }

  function enterSlash(start) {
    slash = true;
    chip.hidden = false;
    text.value = start;
    text.placeholder = "Type a command";
  }

  function leaveSlash() {
    slash = false;
    chip.hidden = true;
    text.placeholder = placeholder;
    text.focus();
    changed();
  }

  // Keys and sending

  function key(event) {
    if (event.isComposing) return;
    if (!menu.hidden && menuKey(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      box.requestSubmit();
    } else if (slash && ((event.key === "Backspace" && !text.value) || event.key === "Escape")) {
      event.preventDefault();
      leaveSlash();
    } else if (event.key === "Escape" && onCancel) {
      onCancel();
    }
  }

  function menuKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      active = (active + step + choices.length) % choices.length;
      drawMenu();
    } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") pick(active);
    else if (event.key === "Escape") hideMenu();
    else return false;
    return true;
  }

  async function submitted(event) {
    event.preventDefault();
    typedSlash();
    const sent = { text: text.value, slash };
    if (!sent.text.trim()) return;
    text.value = "";
    if (slash) leaveSlash();
    changed();
    try {
      await onSend(sent);
    } catch (problem) {
      complain(problem);
      if (!text.value) text.value = sent.text;
      changed();
    }
  }

  if (draft?.slash && canSlash) enterSlash(draft.text);
  else if (draft) text.value = draft.text;
  hint.textContent = hearing();
  box.classList.toggle("private", slash);
  return {
    element: box,
    focus: () => text.focus(),
    keep: () => onKeep({ text: text.value, slash }),
    put: (words) => ((text.value = words), text.focus(), changed()),
    grow: changed,
  };
}

function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
