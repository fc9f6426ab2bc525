// The small markdown that Teams understands: bold, italic, links, lists. It builds nodes, so that whatever is not
// markdown stays text. Only http and https become links.

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const URL_START = /^https?:\/\/[^\s<>"]+/i;
// How far a mark may be from its partner: keeps the work small for long texts full of marks.
const REACH = 2000;
const WORD = /[\p{L}\p{N}]/u;

/** Return the address if it may be opened, else null. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Render a text of a bot: markdown, mentions, HTML entities. Returns a DocumentFragment. */
export function renderMarkdown(text) {
  const out = document.createDocumentFragment();
  let list = null;
  let paragraph = null;
  for (const line of lines(text)) {
    const item = /^\s*(?:([-*+])|(\d{1,3})[.)])\s+(.*)$/.exec(line);
    if (item) {
      const tag = item[1] ? "UL" : "OL";
      if (list?.tagName !== tag) {
        list = out.appendChild(document.createElement(tag));
        if (tag === "OL" && item[2] !== "1") list.setAttribute("start", item[2]);
      }
      inline(item[3], list.appendChild(document.createElement("li")), true);
      paragraph = null;
    } else if (!line.trim()) {
      list = paragraph = null;
    } else {
      list = null;
      if (paragraph) paragraph.append(document.createElement("br"));
      else paragraph = out.appendChild(document.createElement("p"));
      inline(line, paragraph, true);
    }
  }
  return out;
}

/** Render what a person typed: mentions, entities and bare links, no markdown. Returns a DocumentFragment. */
export function renderPlain(text) {
  const out = document.createDocumentFragment();
  const paragraph = out.appendChild(document.createElement("p"));
  lines(text).forEach((line, index) => {
    if (index) paragraph.append(document.createElement("br"));
    inline(line, paragraph, false);
  });
  return out;
}

/** The same as HTML, for the hook of the card renderer. Serialised from nodes, so it cannot hold foreign tags. */
export function markdownToHtml(text) {
  const holder = document.createElement("div");
  holder.append(renderMarkdown(text));
  return holder.innerHTML;
}

function lines(text) {
  return text.replace(/\r\n?/g, "\n").split("\n");
}

/** Append the inline content of one line to a parent, piece by piece. */
function inline(text, parent, markdown) {
  let plain = "";
  const flush = () => {
    if (plain) parent.append(plain);
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const piece = nextPiece(text, at, markdown);
    if (piece.text !== undefined) plain += piece.text;
    else {
      flush();
      parent.append(piece.node);
    }
    at = piece.end;
  }
  flush();
}

function nextPiece(text, at, markdown) {
  const char = text[at];
  const found =
    (markdown && char === "\\" && escaped(text, at)) ||
    (char === "&" && entity(text, at)) ||
    (char === "<" && mention(text, at)) ||
    (markdown && (char === "*" || char === "_") && emphasis(text, at)) ||
    (markdown && char === "[" && link(text, at)) ||
    ((char === "h" || char === "H") && bareLink(text, at));
  return found || { text: char, end: at + 1 };
}

function escaped(text, at) {
  return PUNCTUATION.test(text[at + 1] ?? "") && { text: text[at + 1], end: at + 2 };
}

function entity(text, at) {
  const found = /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/i.exec(text.slice(at, at + 12));
  if (!found) return null;
  const code = found[1] ? Number(found[1]) : found[2] ? parseInt(found[2], 16) : null;
  const known =
    code === null ? ENTITIES[found[3].toLowerCase()] : code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
  return known ? { text: known, end: at + found[0].length } : null;
}

function mention(text, at) {
  const found = /^<at(?:\s[^>]*)?>([^<]*)<\/at>/i.exec(text.slice(at, at + 300));
  if (!found) return null;
  const node = document.createElement("span");
  node.className = "mention";
  inline(found[1], node, false);
  return { node, end: at + found[0].length };
}

function emphasis(text, at) {
  const char = text[at];
  const mark = text[at + 1] === char ? char + char : char;
  const start = at + mark.length;
  if (!text[start]?.trim() || (char === "_" && WORD.test(text[at - 1] ?? ""))) return null;
  const close = closing(text, start, mark);
  if (close < 0) return null;
  const node = document.createElement(mark.length === 2 ? "strong" : "em");
  inline(text.slice(start, close), node, true);
  return { node, end: close + mark.length };
}

function closing(text, start, mark) {
  const end = Math.min(text.length, start + REACH);
  for (let at = start + 1; at < end; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(mark, at) && text[at - 1].trim()) {
      const after = text[at + mark.length] ?? "";
      if (mark.length === 1 && after === mark) at++;
      else if (mark[0] !== "_" || !WORD.test(after)) return at;
    }
  }
  return -1;
}

function link(text, at) {
  const label = balanced(text, at, "[", "]");
  if (label < 0 || text[label + 1] !== "(") return null;
  const close = balanced(text, label + 1, "(", ")");
  if (close < 0) return null;
  const url = safeUrl(
    text
      .slice(label + 2, close)
      .trim()
      .replace(/\\(?=[!-/:-@[-`{-~])/g, ""),
  );
  const node = document.createElement(url ? "a" : "span");
  if (url) decorate(node, url);
  inline(text.slice(at + 1, label), node, true);
  return { node, end: close + 1 };
}

function balanced(text, at, open, close) {
  let depth = 0;
  const end = Math.min(text.length, at + REACH);
  for (let index = at; index < end; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === open) depth++;
    else if (text[index] === close && --depth === 0) return index;
  }
  return -1;
}

function bareLink(text, at) {
  if (WORD.test(text[at - 1] ?? "")) return null;
  const found = URL_START.exec(text.slice(at, at + 2000));
  const shown = found?.[0].replace(/[.,;:!?)\]}*_'&]+$/, "");
  const url = shown && safeUrl(shown);
  if (!url) return null;
  const node = document.createElement("a");
  decorate(node, url);
  node.textContent = shown;
  return { node, end: at + shown.length };
}

function decorate(anchor, url) {
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
}
