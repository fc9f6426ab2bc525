// Starts the page: the organisation, the person, the views, the live connection.

import { startCards } from "./cards.js";
import { startClock } from "./clock.js";
import { startConversation } from "./conversation.js";
import { fill, h } from "./dom.js";
import { startList } from "./list.js";
import { startPeople } from "./people.js";
import { conversation, on, open, sleepWhileHidden, start, state, title } from "./state.js";
import { toast } from "./toast.js";

function announceElsewhere(message) {
  const where = conversation(message.conversation);
  const place = where.kind === "channel" ? `${where.team.name} › ${title(where)}` : title(where);
  const words = message.summary || message.text.replace(/<[^>]*>/g, "") || "A card";
  const loud = where.kind === "personal" || message.mentions_me || message.private;
  if (loud) toast(words.slice(0, 140), { title: `${message.from.name} in ${place}`, onOpen: () => open(where.id) });
}

function connection() {
  let banner = null;
  on("lost", () => {
    banner ??= document.body.appendChild(
      h("p", { class: "banner", role: "alert" }, "The connection is lost. Trying again …"),
    );
  });
  on("back", () => {
    banner?.remove();
    banner = null;
  });
}

async function boot() {
  startPeople();
  startList();
  startConversation();
  connection();
  on("elsewhere", announceElsewhere);
  addEventListener("popstate", (event) => {
    const id = event.state?.c;
    if (id && id !== state.current?.id) open(id, { push: false });
    else document.body.classList.remove("reading");
  });
  try {
    startCards();
    await startClock();
    await start();
    sleepWhileHidden();
    document.body.classList.add("ready");
  } catch (problem) {
    fill(document.getElementById("conversation"), h("p", { class: "loading" }, problem.message));
  }
}

boot();
