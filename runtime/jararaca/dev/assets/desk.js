// The desk of `jararaca dev`: chooses what is shown by the address, and hears what happens.
import { at, get, make, to } from "./dom.js";
import { Compose } from "./compose.js";
import { Letters } from "./letters.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Timeline } from "./timeline.js";

const store = new Store();
const stream = new Stream(store);
const compose = new Compose(sent);
const letters = new Letters(edit, (id) => visit("message", id));
const timeline = new Timeline(store, again, (id) => listed.has(id));
let listed = new Map();
let known = null;
let version = null;

const wide = matchMedia("(min-width: 1100px)");
const isWide = () => wide.matches;
const visit = (view, id) => { location.hash = to(view, id); };
const route = () => {
  const [, view, ...rest] = location.hash.split("/");
  try { return [view || "send", decodeURIComponent(rest.join("/"))]; } catch { return ["send", ""]; }
};

function tabs(view) {
  for (const link of document.querySelectorAll("#views a")) {
    const own = link.hash.slice(2);
    if (own === view || (own === "messages" && (view === "message" || (view === "send" && isWide())))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function go() {
  const [view, id] = route();
  document.body.dataset.view = view === "send" ? "send" : "watch";
  tabs(view);
  if (view === "send") {
    if (id && id !== compose.id && listed.has(id)) await open(id);
    else if (id && !listed.has(id)) at("unknown").hidden = listed.size === 0;
    if (at("messages").hidden && at("letters").hidden && at("message").hidden) at("messages").hidden = false;
    return;
  }
  for (const each of ["messages", "message", "letters"]) at(each).hidden = each !== view;
  if (view === "message") timeline.show(id);
  else timeline.show(null);
  if (view === "messages") stream.all();
  if (view === "letters") await letters.show();
}

async function open(id, values, letter) {
  at("unknown").hidden = true;
  for (const link of at("list").querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
  at("list").querySelector(`[data-id="${CSS.escape(id)}"]`)?.setAttribute("aria-current", "page");
  if (at("menu").matches(":popover-open")) at("menu").hidePopover();
  await compose.show(listed.get(id), values, letter);
}

// What became of a message is beside its form, or a step away where there is no room.
function sent(id) {
  at("follow").hidden = isWide();
  at("follow").href = to("message", id);
  if (isWide()) visit("message", id);
}

async function again(message, atOnce) {
  const body = await timeline.body(message);
  if (!listed.has(message.message)) return;
  await open(message.message);
  if (!isWide()) visit("send", message.message);
  await compose.again(listed.get(message.message), message, body, atOnce);
}

async function edit({ queue, id, message, body }) {
  let text = body;
  try { text = JSON.stringify(JSON.parse(body), null, 2); } catch { /* as it is */ }
  await open(message, { body: text, parameters: {}, headers: {} }, { queue, id });
  if (!isWide()) visit("send", message);
  at("body").focus();
}

function menu(found) {
  listed = new Map(found.map((each) => [each.id, each]));
  const services = new Map();
  for (const each of found) services.set(each.service, [...(services.get(each.service) ?? []), each]);
  at("list").replaceChildren(...[...services].flatMap(([, messages]) => [
    make("p", { className: "menu-title", textContent: messages[0].title }),
    make("ul", {}, ...messages.map(({ id, name, topic }) => make("li", {}, make("a", { href: to("send", id), textContent: name, title: topic, data: { id } })))),
  ]));
  at("find").hidden = found.length < 8;
  at("no-messages").hidden = found.length > 0;
  at("service").replaceChildren(make("option", { value: "", textContent: "Any service" }), ...[...services.keys()].map((each) => make("option", { value: each, textContent: each })));
  at("service").hidden = services.size < 2;
}

// Lists the messages; what is being written stays.
async function load() {
  const found = await get("/-/messages");
  if (found === null) return;
  const text = JSON.stringify(found);
  if (text === known) return;
  known = text;
  menu(found);
  const [view, id] = route();
  const first = (view === "send" && listed.has(id) && id) || (listed.has(compose.id) && compose.id) || found[0]?.id;
  if (first) await open(first);
  await go();
}

function find() {
  const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of at("list").querySelectorAll("ul")) {
    for (const item of group.children) {
      const link = item.firstElementChild;
      const text = `${link.textContent} ${link.title}`.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
    group.hidden = group.previousElementSibling.hidden = [...group.children].every((item) => item.hidden);
  }
}

// A page that nobody looks at holds no connection: a browser has six for all its pages.
let streams = [];
function listen() {
  for (const each of streams) each.close();
  streams = [];
  if (document.hidden) return;
  const live = new EventSource("/-/live"), documents = new EventSource("/-/events");
  streams = [live, documents];
  live.addEventListener("open", () => { at("state").textContent = "live"; load(); letters.counts(); });
  live.addEventListener("error", () => { at("state").textContent = "starting again …"; });
  live.addEventListener("message", ({ data }) => {
    const entry = JSON.parse(data);
    if (!entry) return;
    const id = store.take(entry);
    if (id === null) return;
    stream.changed(id);
    timeline.changed();
    if (entry.outcome === "dead-lettered") letters.changed();
  });
  documents.addEventListener("message", ({ data }) => {
    const told = JSON.parse(data);
    if (version !== null && told.version !== version) load();
    version = told.version;
    at("broken").hidden = !told.broken;
    at("broken").textContent = told.broken;
  });
}

const step = (by) => {
  const rows = [...at("rows").querySelectorAll("a")];
  if (rows.length === 0 || at("messages").hidden) return;
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, here + by))].focus();
};
const KEYS = {
  "m": () => { if (!isWide()) at("menu").showPopover?.(); at("find").focus(); },
  "f": () => { visit("messages"); at("messages").hidden = false; at("filter").focus(); },
  "b": () => { if (!isWide()) visit("send"); at("body").focus(); },
  "l": () => { visit("messages"); },
  "d": () => { visit("letters"); },
  "j": () => step(1), "ArrowDown": () => step(1), "k": () => step(-1), "ArrowUp": () => step(-1),
  "e": () => timeline.message && again(timeline.message, false),
  "r": () => timeline.message && again(timeline.message, true),
  "?": () => at("keys").showModal(),
};

function pressed(event) {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); compose.send(); return; }
  if (event.key === "Escape" && !at("keys").open) {
    if (typing) event.target.blur();
    else if (!at("message").hidden) visit("messages");
    return;
  }
  const arrow = event.key.startsWith("Arrow") && !at("rows").contains(document.activeElement);
  if (typing || arrow || event.ctrlKey || event.metaKey || event.altKey || at("keys").open || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
}

document.body.classList.add("scripted");
addEventListener("hashchange", go);
wide.addEventListener("change", () => tabs(route()[0]));
addEventListener("keydown", pressed);
document.addEventListener("visibilitychange", listen);
at("find").addEventListener("input", find);
at("help").addEventListener("click", () => at("keys").showModal());
at("refresh").addEventListener("click", () => letters.show());
at("not-letter").addEventListener("click", () => open(compose.id));
listen();
go();
