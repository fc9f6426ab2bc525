// Light or dark: what the system says, until somebody presses the switch.

const KEY = "local-teams.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = [];

/** Return "light" or "dark". */
export function theme() {
  return localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");
}

function apply() {
  document.documentElement.dataset.theme = theme();
  listeners.forEach((listener) => listener(theme()));
}

/** Switch to the other theme and remember it; the system's own choice is followed again when both agree. */
export function switchTheme() {
  const wanted = theme() === "dark" ? "light" : "dark";
  if ((wanted === "dark") === system.matches) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, wanted);
  apply();
}

/** Call back whenever the theme changes. */
export function onTheme(listener) {
  listeners.push(listener);
}

system.addEventListener("change", apply);
apply();
