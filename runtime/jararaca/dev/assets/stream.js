// The stream: a row a message, newest first, filtered; as many rows as a page can bear.
import { at, clock, count, make, pill, span, to } from "./dom.js";
import { isAnswer, isOfTheClock, MOST_MESSAGES, outcome, services, spent } from "./store.js";

const MOST_ROWS = 200;
const WORDS = /(-?)(?:(message|topic|id|handler|service|outcome):)?(?:"([^"]*)"|(\S+))/g;

// `topic:shop. failed -refresh`: by its topic, anywhere in it, and nowhere in it.
export const wanted = (text) =>
  [...text.toLowerCase().matchAll(WORDS)].map(([, not, of, quoted, bare]) => [not === "-", of, quoted ?? bare]);

const texts = (message) => {
  const tries = message.tries;
  return {
    message: message.name ?? "", topic: message.topic ?? "", id: message.id, outcome: outcome(message),
    handler: tries.map(({ handler }) => handler).join(" "), service: [...services(message)].join(" "),
    rest: `${message.message} ${message.body} ${tries.map(({ reason }) => reason ?? "").join(" ")}`,
  };
};
export const fits = (message, words) => {
  if (words.length === 0) return true;
  const has = texts(message);
  const all = Object.values(has).join("\n").toLowerCase();
  return words.every(([not, of, word]) => (of ? has[of].toLowerCase() : all).includes(word) !== not);
};

export class Stream {
  #rows = new Map();
  #changed = new Set();
  #frame = 0;
  #paused = false;
  #clock = false;
  #shown = 0;

  constructor(store) {
    this.store = store;
    for (const id of ["filter", "outcome", "service"]) at(id).addEventListener("input", () => this.all());
    at("clock").addEventListener("click", () => this.clock(!this.#clock));
    at("pause").addEventListener("click", () => this.pause(!this.#paused));
    at("clear").addEventListener("click", () => { store.clear(); this.all(); });
  }

  pause(paused) {
    this.#paused = paused;
    at("pause").textContent = paused ? "Go on" : "Pause";
    at("pause").setAttribute("aria-pressed", String(paused));
    if (!paused) this.all();
  }

  clock(shown) {
    this.#clock = shown;
    at("clock").setAttribute("aria-pressed", String(shown));
    this.all();
  }

  changed(id) {
    this.#changed.add(id);
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  all() {
    this.#rows.clear();
    this.#changed.clear();
    const found = [...this.store.messages.values()].filter((each) => this.#isWanted(each));
    const newest = found.slice(-MOST_ROWS).reverse();
    at("rows").replaceChildren(...newest.map((each) => this.#row(each)));
    this.#shown = found.length;
    this.#tell();
  }

  #draw() {
    this.#frame = 0;
    if (this.#paused) return this.#changed.clear();
    for (const id of this.#changed) {
      const message = this.store.messages.get(id), old = this.#rows.get(id);
      if (!message?.name && message?.name !== "") continue;
      if (!this.#isWanted(message)) { this.#drop(id); continue; }
      if (old) this.#fill(old, message);
      else { at("rows").prepend(this.#row(message)); this.#shown += 1; }
    }
    this.#changed.clear();
    while (at("rows").children.length > MOST_ROWS) this.#drop(at("rows").lastElementChild.dataset.id, true);
    this.#tell();
  }

  #drop(id, hidden = false) {
    const row = this.#rows.get(id);
    if (!row) return;
    row.remove();
    this.#rows.delete(id);
    if (!hidden) this.#shown -= 1;
  }

  #isWanted(message) {
    if (message.name === undefined || this.#isHidden(message)) return false;
    const [state, service] = [at("outcome").value, at("service").value];
    if (state && !(outcome(message) === state || message.tries.some((each) => each.outcome === state))) return false;
    if (service && !services(message).has(service)) return false;
    return fits(message, wanted(at("filter").value));
  }

  // Whoever looks for words wants to see all that has them.
  #isHidden(message) { return !this.#clock && !at("filter").value && isOfTheClock(message); }

  #row(message) {
    const row = make("li", { data: { id: message.id } }, make("a", { href: to("message", message.id) }));
    this.#rows.set(message.id, row);
    this.#fill(row, message);
    return row;
  }

  #fill(row, message) {
    const tries = message.tries, last = tries.at(-1), reason = last?.reason;
    const handlers = [...new Set(tries.map(({ handler, queue }) => handler ?? queue))];
    const attempt = Math.max(0, ...tries.map((each) => each.attempt));
    const what = message.message?.split("/")[1] ?? (message.name || "a message without a type");
    const about = [isAnswer(message) ? "the answer to a request" : message.topic, handlers.join(", "), attempt > 1 ? `try ${attempt}` : "", reason ?? message.published.at(-1)?.reason].filter(Boolean);
    row.classList.toggle("old", !this.store.isHere(message));
    row.firstElementChild.replaceChildren(
      make("time", { textContent: clock(message.at) }), pill(outcome(message)),
      make("strong", { textContent: what }),
      make("span", { className: "spent", textContent: tries.some(({ spent }) => spent != null) ? span(spent(message)) : "" }),
      make("span", { className: "about", textContent: about.join(" · ") }));
  }

  // A line for each schedule, in its place, however often it comes.
  #ticks(isShown) {
    at("clocks").hidden = !isShown;
    const lines = new Map([...at("clocks").children].map((line) => [line.dataset.key, line]));
    for (const { key, id, name, message, count: times, at: when } of isShown ? this.store.clocks.values() : []) {
      const line = lines.get(key) ?? make("li", { data: { key } }, make("a"), make("span"));
      if (!lines.delete(key)) at("clocks").append(line);
      const [link, said] = line.children;
      link.href = to("message", id);
      link.textContent = message?.split("/")[1] ?? name;
      said.textContent = ` × ${times.toLocaleString("en")}, last ${clock(when).slice(0, 8)}`;
    }
    for (const gone of lines.values()) gone.remove();
  }

  #tell() {
    const all = this.store.messages.size, rows = at("rows").children.length;
    const every = [...this.store.messages.values()];
    const hidden = every.filter((each) => this.#isHidden(each)).length;
    at("clock").hidden = !hidden && !this.#clock;
    this.#ticks(hidden > 0);
    const matching = Math.min(this.#shown, all);
    const filtered = at("filter").value || at("outcome").value || at("service").value;
    let told = filtered ? `${matching.toLocaleString("en")} of ${count(all, "message")}` : count(all, "message");
    if (hidden) told += `, ${hidden.toLocaleString("en")} scheduled ${hidden === 1 ? "one is" : "ones are"} hidden`;
    if (matching > rows) told += `, the newest ${rows} are shown`;
    if (all === MOST_MESSAGES) told += "; older ones are forgotten";
    at("told").textContent = told;
    at("nothing").hidden = rows > 0;
    at("nothing").textContent = all === 0
      ? "Nothing has happened yet. Publish a message, and what becomes of it is shown here."
      : hidden === all ? "Only schedules have run so far." : "No message fits this filter.";
  }
}
