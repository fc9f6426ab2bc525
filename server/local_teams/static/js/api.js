// Talks to the emulator. Its address follows from where this file was loaded from.

const base = new URL("../../api/", import.meta.url);

/** A refusal with a sentence for the reader. */
export class Refused extends Error {}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused("Local Teams cannot be reached. Is the server running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body.error ?? `The server answered ${response.status}.`);
  return body;
}

function address(name, query) {
  const url = new URL(name, base);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
}

/** GET E/api/name. */
export function get(name, query = {}) {
  return answer(fetch(address(name, query)));
}

/** POST E/api/name with a JSON body. */
export function post(name, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(fetch(new URL(name, base), { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Listen to what changes for a person. A lost connection is made again, and a new "hello" comes. */
export function listen(person, onEvent, onLost) {
  let source = null;
  let timer = 0;
  const connect = () => {
    source = new EventSource(address("events", { as: person }));
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    source.onerror = () => {
      onLost();
      // The browser tries again by itself, but not after an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, 3000);
    };
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
