// One message through the services: published, each try of each handler, and what these published.
import { at, breakable, button, clock, copy, get, make, pill, pretty, span, to } from "./dom.js";
import { isAnswer, outcome } from "./store.js";

const DEEPEST = 40;
const MOST_CHILDREN = 200;

export class Timeline {
  #id = null;
  #frame = 0;
  #drawn = "";

  constructor(store, again, isKnown) { Object.assign(this, { store, again, isKnown }); }

  get message() { return this.store.messages.get(this.#id) ?? null; }

  show(id) {
    this.#id = id;
    this.#drawn = "";
    this.#draw();
  }

  // Something has happened: what is shown may be older.
  changed() {
    if (this.#id !== null) this.#frame ||= requestAnimationFrame(() => { this.#frame = 0; this.#draw(); });
  }

  async body(message = this.message) {
    if (message.body === undefined || message.length <= message.body.length) return message.body ?? "";
    const whole = await get(`/-/body/${encodeURIComponent(message.id)}`);
    return whole?.body ?? message.body;
  }

  #draw() {
    const message = this.message, place = at("timeline");
    if (!message) {
      place.replaceChildren(make("p", { className: "none", textContent: this.#id
        ? "This message is not known here: it was published before this page was opened, or is forgotten." : "" }));
      this.#drawn = "";
      return;
    }
    const root = this.store.root(message), all = this.#all(root);
    const version = all.map(({ id, version }) => `${id} ${version}`).join();
    if (version === this.#drawn) return;
    this.#drawn = version;
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const ends = all.flatMap((each) => [each.at, ...each.tries.map(({ begun, ended }) => ended ?? begun)]);
    this.from = root.at;
    this.length = Math.max(1, Math.max(...ends) - root.at);
    const whole = make("ol", { className: "tree" }, this.#node(root, new Set(), 0));
    place.replaceChildren(this.#head(message), make("h3", { textContent: "What became of it" }),
      make("p", { className: "about", textContent: this.#sum(all) }), whole, ...this.#body(message), this.#facts(message));
    if (focused) place.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #all(root) {
    const found = new Map([[root.id, root]]);
    for (const each of found.values()) {
      if (found.size > 1000) break;
      for (const child of this.store.children(each.id)) found.set(child.id, child);
    }
    return [...found.values()];
  }

  #sum(all) {
    const services = new Set(all.flatMap(({ tries }) => tries.map(({ service }) => service)).filter(Boolean));
    const what = all.length === 1 ? "1 message" : `${all.length} messages`;
    const where = services.size === 0 ? "" : services.size === 1 ? " in 1 service" : ` through ${services.size} services`;
    return `${what}${where}, ${span(this.length)} in all`;
  }

  #head(message) {
    const what = message.message?.split("/")[1] ?? (message.name || "A message without a type");
    const acts = make("p", { className: "acts" },
      button("Edit and send again", () => this.again(message, false), { data: { focus: "edit" }, disabled: !this.isKnown(message.message) }),
      button("Send again", () => this.again(message, true), { data: { focus: "again" }, disabled: !this.isKnown(message.message) }));
    return make("div", {}, make("h2", {}, `${what} `, pill(outcome(message))), acts);
  }

  #facts(message) {
    return make("dl", { className: "facts" }, ...Object.entries({
      "Topic": message.topic, "Id": message.id, "Published": this.#causes(message),
      ...message.properties, ...Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [`header ${name}`, typeof value === "string" ? value : JSON.stringify(value)])),
    }).filter(([, value]) => value).map(([name, value]) =>
      make("div", {}, make("dt", { textContent: name.replaceAll("_", " ") }), make("dd", { textContent: value }))));
  }

  #causes(message) {
    return message.published.map(({ at: when, cause, reason }) =>
      `${clock(when)} by ${cause.handler ?? cause.by}${reason ? `: ${reason}` : ""}`).join("; ");
  }

  #node(message, above, depth) {
    const own = this.message === message;
    const link = make("a", { href: to("message", message.id), data: { focus: `node ${message.id}` } }, ...breakable(message.message?.split("/")[1] ?? (message.name || "a message without a type")));
    if (own) link.setAttribute("aria-current", "true");
    const line = make("div", { className: "sent" },
      make("span", {}, link, " ", make("code", {}, ...breakable(isAnswer(message) ? "the answer" : message.topic ?? ""))), this.#when(message.at));
    const node = make("li", {}, line);
    for (const { reason, sent } of message.published) if (reason) node.append(make("p", { className: sent ? "about" : "about bad", textContent: reason }));
    if (above.has(message.id) || depth > DEEPEST) return node;
    const within = new Set([...above, message.id]);
    const left = new Set(this.store.children(message.id));
    if (message.tries.length > 0) node.append(make("ol", {}, ...message.tries.map((each) => this.#try(message, each, left, within, depth))));
    if (left.size > 0) node.append(this.#children(left, within, depth));
    return node;
  }

  #try(message, each, left, within, depth) {
    const end = each.ended ?? Date.now();
    const what = each.outcome ?? "running";
    const late = each.delay != null ? ` in ${span(each.delay * 1000)}` : "";
    const bar = make("span", { className: `bar-of ${what === "handled" ? "" : "other"}` });
    bar.style.setProperty("--from", `${Math.min(99, Math.max(0, (each.begun - this.from) / this.length * 100))}%`);
    bar.style.setProperty("--long", `${Math.min(100, Math.max(0, (end - each.begun) / this.length * 100))}%`);
    const line = make("div", { className: "try" }, pill(what),
      make("span", {}, make("code", {}, ...breakable(each.handler ?? each.queue)), " ", make("span", { className: "aside", textContent: [
        each.attempt > 1 || each.outcome === "retried" ? `try ${each.attempt}` : "", late ? `again${late}` : "", each.service ?? "", each.spent != null ? span(each.spent) : ""].filter(Boolean).join(" · ") })),
      this.#when(each.begun), make("span", { className: "track", ariaHidden: "true" }, bar));
    const node = make("li", {}, line);
    if (each.reason) node.append(make("p", { className: "about bad", textContent: each.reason }));
    for (const violation of each.violations ?? []) node.append(make("p", { className: "about warn", textContent: `not as its schema says: ${violation}` }));
    const own = [...left].filter(({ published }) => published.some(({ cause }) =>
      cause.id === message.id && cause.handler === each.handler && cause.attempt === each.attempt));
    for (const child of own) left.delete(child);
    if (own.length > 0) node.append(this.#children(own, within, depth));
    return node;
  }

  #children(some, within, depth) {
    const children = [...some];
    const list = make("ol", {}, ...children.slice(0, MOST_CHILDREN).map((child) => this.#node(child, within, depth + 1)));
    if (children.length > MOST_CHILDREN) list.append(make("li", { className: "about", textContent: `and ${children.length - MOST_CHILDREN} more` }));
    return list;
  }

  #when(time) { return make("time", { textContent: `+${span(Math.max(0, time - this.from)).replace("<\u00a01", "0")}` }); }

  #body(message) {
    if (message.body === undefined) return [];
    const text = make("code", { textContent: pretty(message.body) });
    const caption = make("figcaption", {}, Object.assign(copy(() => text.textContent), { className: "copy" }), "Body");
    if (message.length > message.body.length) {
      const more = button(`Show all ${message.length.toLocaleString("en")} characters`, async () => { text.textContent = pretty(await this.body(message)); more.remove(); });
      caption.append(" ", more);
    }
    return [make("figure", { className: "code" }, caption, make("pre", { tabIndex: 0, ariaLabel: "Body" }, text))];
  }
}
