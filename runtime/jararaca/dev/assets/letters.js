// The dead letters: why each was given up, and the way back into its queue.
import { ask, at, button, clock, count, make, pretty, to } from "./dom.js";

export class Letters {
  #timer = 0;

  constructor(edit, replayed) { this.edit = edit; this.replayed = replayed; }

  // Something was given up, or has left: the number, and the list where it is open.
  changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (at("letters").hidden ? this.counts() : this.show()), 300);
  }

  async counts() {
    const { queues } = await ask("/-/letters", { counts: true });
    this.#count(queues ?? {});
  }

  async show() {
    const { queues, letters, error } = await ask("/-/letters", {});
    if (error) {
      at("letters-told").textContent = error;
      return;
    }
    this.#count(queues);
    const total = Object.values(queues).reduce((sum, each) => sum + each, 0);
    at("letters-told").textContent = total === 0
      ? "No dead letters. What a handler gives up is shown here, with its reason."
      : letters.length < total ? `${count(total, "dead letter")}, the oldest ${letters.length} are shown.` : count(total, "dead letter");
    at("by-queue").replaceChildren(...Object.entries(queues).map(([queue, number]) => this.#queue(queue, number, letters.filter((each) => each.queue === queue))));
  }

  #count(queues) {
    const total = Object.values(queues).reduce((sum, each) => sum + each, 0);
    at("letter-count").textContent = total > 0 ? total.toLocaleString("en") : "";
  }

  #queue(queue, number, letters) {
    return make("section", { ariaLabel: queue },
      make("h2", {}, `${queue} `, make("span", { className: "number", textContent: number.toLocaleString("en") })),
      number > 1 || letters.some(({ id }) => id === null)
        ? make("p", { className: "acts" }, button(`Replay all ${number.toLocaleString("en")}`, () => this.#replay({ queue }))) : null,
      make("ol", { className: "letters" }, ...letters.map((each) => this.#letter(each))));
  }

  #letter(letter) {
    const { queue, id, message, topic, reason, handler, attempts, at: when, traceback, body, length, since } = letter;
    const about = [when ? clock(when) : "", topic, handler, attempts > 1 ? count(attempts, "try").replace("trys", "tries") : ""].filter(Boolean).join(" · ");
    const more = make("details", {}, make("summary", { textContent: traceback ? "Body and traceback" : "Body" }),
      make("pre", { tabIndex: 0, ariaLabel: "Body", textContent: pretty(body) }),
      traceback ? make("pre", { tabIndex: 0, ariaLabel: "Traceback", textContent: traceback }) : null);
    const name = message?.split("/")[1] ?? (letter.name || "A message without a type");
    const acts = id === null
      ? make("p", { className: "about", textContent: "It has no id: only all of the queue can be replayed." })
      : make("p", { className: "acts" },
        button("Replay", () => this.#replay({ queue, id })),
        button("Edit and replay", () => this.edit(letter), { disabled: !message || length > body.length }),
        make("a", { href: to("message", id), textContent: "What became of it" }));
    return make("li", {}, make("strong", { textContent: name }), make("p", { className: "why", textContent: reason }), make("p", { className: "about", textContent: about }), acts,
      since ? make("p", { className: "about" }, "All that came since then: ", make("code", { textContent: since })) : null, more);
  }

  async #replay(asked) {
    const { error, replayed, refused } = await ask("/-/replay", asked);
    await this.show();
    const wrong = error ?? refused.join("; ");
    at("letters-told").textContent = wrong ? `Not replayed: ${wrong}` : `${count(replayed, "message")} back in ${asked.queue}.`;
    if (asked.id && replayed) this.replayed(asked.id);
  }
}
