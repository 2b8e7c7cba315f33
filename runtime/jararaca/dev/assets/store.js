// What is known of each message: how it was published, each try of each handler, what these published.
// The newest are kept, and no more of them.
export const MOST_MESSAGES = 2000;
const MOST_TICKS = 200;

const WORST = ["dead-lettered", "discarded", "running", "retried", "given back", "handled", "duplicate"];

export class Store {
  messages = new Map();
  clocks = new Map();
  restarts = 0;
  #caused = new Map();
  #run = null;
  #last = -1;

  // The id that an entry is about; null for one that was heard before.
  take(entry) {
    if (entry.run === this.#run && entry.n <= this.#last) return null;
    if (this.#run !== null && entry.run !== this.#run) this.restarts += 1;
    this.#run = entry.run;
    this.#last = entry.n;
    const message = this.#message(entry);
    if (entry.name !== undefined) Object.assign(message, described(entry));
    if (entry.is === "published") this.#published(message, entry);
    else this.#tried(message, entry);
    return entry.id;
  }

  clear() { this.messages.clear(); this.clocks.clear(); this.#caused.clear(); }
  isHere(message) { return message.run === this.#run; }
  children(id) { return [...(this.#caused.get(id) ?? [])].map((each) => this.messages.get(each)).filter(Boolean); }

  // The message that everything began with, as far as it is known.
  root(message) {
    const seen = new Set();
    let found = message;
    while (!seen.has(found.id)) {
      seen.add(found.id);
      const parent = found.published.map(({ cause }) => this.messages.get(cause.id)).find(Boolean);
      if (!parent) return found;
      found = parent;
    }
    return message;
  }

  #message(entry) {
    let message = this.messages.get(entry.id);
    if (!message) {
      message = { id: entry.id, at: entry.at, run: entry.run, published: [], tries: [], version: 0 };
      this.messages.set(entry.id, message);
      while (this.messages.size > MOST_MESSAGES) this.#forget(this.messages.keys().next().value);
    }
    message.at = Math.min(message.at, entry.at);
    message.run = entry.run;
    message.version += 1;
    return message;
  }

  #forget(id) {
    for (const { cause } of this.messages.get(id).published) {
      this.#caused.get(cause.id)?.delete(id);
      if (this.#caused.get(cause.id)?.size === 0) this.#caused.delete(cause.id);
    }
    this.messages.delete(id);
  }

  #published(message, { at, cause, reason, sent }) {
    if (message.published.length < 100) message.published.push({ at, cause, reason, sent });
    if (cause.clock && message.published.length === 1) this.#ticked(message);
    if (cause.id && cause.id !== message.id) {
      if (!this.#caused.has(cause.id)) this.#caused.set(cause.id, new Set());
      this.#caused.get(cause.id).add(message.id);
    }
  }

  // What comes again and again is counted, and its oldest are forgotten before anything else.
  #ticked(message) {
    const { id, name, topic, at } = message, key = `${message.message ?? name} ${topic}`;
    const known = this.clocks.get(key) ?? { key, count: 0, ids: [] };
    this.clocks.set(key, Object.assign(known, { id, name, message: message.message, at, count: known.count + 1 }));
    known.ids.push(id);
    const oldest = known.ids.length > MOST_TICKS ? this.messages.get(known.ids.shift()) : null;
    if (oldest && isOfTheClock(oldest)) this.#forget(oldest.id);
  }

  #tried(message, entry) {
    const same = (each) => each.handler === entry.handler && each.queue === entry.queue && each.outcome === null;
    let found = message.tries.find(same);
    if (!found) {
      const { handler, queue, service, attempt, at } = entry;
      found = { handler, queue, service, attempt, begun: at - (entry.spent ?? 0), ended: null, outcome: null };
      message.tries.push(found);
      if (message.tries.length > 200) message.tries.shift();
    }
    if (entry.is === "begun") return;
    const { attempt, outcome, reason, delay, spent, at, violations } = entry;
    Object.assign(found, { attempt, outcome, reason, delay, spent, violations: violations ?? [], ended: at });
  }
}

const described = ({ message, name, topic, exchange, parameters, headers, properties, body, length }) =>
  ({ message, name, topic, exchange, parameters, headers, properties, body, length });

// Where a message stands: the worst of what its handlers' last tries came to.
export const outcome = (message) => {
  const last = new Map(message.tries.map((each) => [`${each.queue} ${each.handler}`, each.outcome ?? "running"]));
  const found = WORST.find((each) => [...last.values()].includes(each));
  if (found) return found;
  if (message.published.some(({ sent }) => !sent)) return "unsent";
  return "published";
};
export const services = (message) => new Set([
  ...message.tries.map(({ service }) => service), message.message?.split("/")[0]].filter(Boolean));
// A scheduled message, as long as all is well with it: it comes again and again, and says nothing new.
const DULL = ["handled", "published", "running"];
export const isOfTheClock = (message) =>
  message.published.length > 0 && message.published.every(({ cause }) => cause.clock) && DULL.includes(outcome(message));
export const isAnswer = (message) => message.topic?.startsWith("jararaca.replies.");
export const spent = (message) => message.tries.reduce((sum, { spent }) => sum + (spent ?? 0), 0);
