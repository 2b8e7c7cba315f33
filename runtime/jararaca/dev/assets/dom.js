// Small things that all of the desk uses. What came over the wire becomes text, never HTML.
export const make = (tag, properties = {}, ...children) => {
  const { data, role, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  if (role) element.setAttribute("role", role);
  Object.assign(element.dataset, data ?? {});
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};
export const at = (id) => document.getElementById(id);
export const button = (text, onclick, properties = {}) =>
  make("button", { type: "button", textContent: text, className: "act", onclick, ...properties });

// A name may go on in the next line after a dot or an underscore, and before a capital.
export const breakable = (text) =>
  text.split(/(?<=[._/-])|(?<=[a-z0-9])(?=[A-Z])/).flatMap((part, index) => (index ? [make("wbr"), part] : [part]));

const two = (number, length = 2) => String(number).padStart(length, "0");
export const clock = (ms) => {
  const time = new Date(ms);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${two(time.getMilliseconds(), 3)}`;
};
export const span = (ms) =>
  (ms < 1 ? "< 1 ms" : ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 60_000)} min`).replaceAll(" ", "\u00a0");
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// Deep or broken JSON is shown as it came.
export const pretty = (text) => {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
};

const KINDS = {
  "handled": "proven", "answered": "proven", "confirmed": "proven", "duplicate": "", "published": "", "running": "running",
  "retried": "unsure", "given back": "unsure", "timeout": "unsure", "dead-lettered": "broken", "discarded": "broken",
  "unsent": "broken", "failed": "broken", "nobody": "broken", "error": "broken",
};
export const pill = (outcome) => make("span", { className: `pill ${KINDS[outcome] ?? ""}`, textContent: outcome });

export const ask = async (path, asked) => {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "X-Jararaca": "dev" }, body: JSON.stringify(asked) });
    return await answer.json();
  } catch {
    return { error: "the process is starting again: try once more" };
  }
};
export const get = async (path) => {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
};

export const copy = (text) => button("Copy", async (event) => {
  const pressed = event.currentTarget;
  try { await navigator.clipboard.writeText(text()); pressed.textContent = "Copied"; } catch { pressed.textContent = "Not allowed"; }
  setTimeout(() => { pressed.textContent = "Copy"; }, 1500);
});

// The address of a view of the desk.
export const to = (view, id = "") => `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}`;
