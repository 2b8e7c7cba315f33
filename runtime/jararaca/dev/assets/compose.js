// Writing a message: a body to begin with, the address's parameters, headers, and what came of it.
import { Editor } from "./editor.js";
import { ask, at, button, count, get, make, pill, pretty, span } from "./dom.js";

const WAIT = 250;
const kept = {
  get: (id) => { try { return JSON.parse(sessionStorage.getItem(`desk ${id}`)); } catch { return null; } },
  set: (id, value) => { try { sessionStorage.setItem(`desk ${id}`, JSON.stringify(value)); } catch { /* full, or not allowed */ } },
};

export class Compose {
  #told = null;
  #letter = null;
  #timer = 0;
  #asked = 0;
  #editor = new Editor();

  constructor(sent) {
    this.sent = sent;
    at("form").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    at("form").addEventListener("input", () => this.#edited());
    at("add-header").addEventListener("click", () => this.#header("", "").querySelector("input").focus());
    at("tidy").addEventListener("click", () => this.#write(pretty(at("body").value)));
  }

  get id() { return this.#told?.id ?? null; }

  // Shows the form of a message, with what was written last, or with these values.
  async show(listed, values = null, letter = null) {
    if (this.id !== listed.id) at("what").textContent = listed.name;
    this.#tell(this.#told ? null : make("p", { className: "none", textContent: "Making a body to begin with …" }));
    const told = await get(`/-/message/${encodeURIComponent(listed.id)}`);
    at("form").hidden = at("publish").hidden = !told;
    if (!told) return;
    this.#told = { ...listed, ...told };
    this.#letter = letter;
    at("what").replaceChildren(`${listed.name} `, make("span", { className: `pill ${listed.kind}`, textContent: listed.kind }));
    at("where").replaceChildren(make("code", { textContent: listed.topic }), " ", make("a", { href: told.page, textContent: "Documentation" }));
    at("who").textContent = [
      listed.handlers.length > 0 ? `Handled by ${listed.handlers.join(", ")}.` : "",
      listed.stubs.length > 0 ? `Waits in the queue of ${listed.stubs.join(", ")}: still a stub.` : "",
      listed.handlers.length + listed.stubs.length === 0 ? "No handler of this application receives it." : "",
      told.answers.length > 0 ? `Answered with ${told.answers.join(" or ")}.` : "",
    ].filter(Boolean).join(" ");
    at("wait").hidden = told.answers.length === 0 || letter !== null;
    at("replaying").hidden = letter === null;
    at("address").hidden = at("head").hidden = letter !== null;
    at("publish").textContent = letter ? "Replay with this body" : told.answers.length > 0 ? "Ask" : "Publish";
    this.#variants(told.variants);
    this.#tell(null);
    at("follow").hidden = true;
    const given = values ?? kept.get(listed.id);
    if (given) this.#fill(given);
    else at("variants").querySelector("input")?.click();
  }

  async send() {
    if (!this.#told || at("publish").disabled) return;
    at("publish").disabled = true;
    this.#tell(make("p", { textContent: this.#told.answers.length > 0 ? "Waiting for the answer …" : "Publishing …" }));
    const letter = this.#letter;
    const result = letter
      ? await ask("/-/replay", { ...letter, body: at("body").value })
      : await ask("/-/publish", { ...this.#values(), message: this.id, timeout: Number(at("timeout").value) || 30 });
    at("publish").disabled = false;
    if (result.problems) this.#problems(result.problems);
    this.#tell(result.problems ? refused(result.problems) : letter ? replayed(result) : ended(result));
    if (letter && result.replayed) this.sent(letter.id);
    else if (result.id) this.sent(result.id);
  }

  // Fills the form from a message that was seen, and sends it at once where that is wanted.
  async again(listed, message, body, atOnce) {
    await this.show(listed, { body: pretty(body), parameters: message.parameters ?? {}, headers: message.headers ?? {} });
    if (atOnce) await this.send();
    else at("body").focus();
  }

  #variants(variants) {
    at("variants").replaceChildren(make("legend", { className: "hidden", textContent: "A body to begin with" }),
      ...variants.flatMap((each, index) => [
        make("input", { type: "radio", name: "variant", id: `variant-${index}`, value: index, onchange: () => this.#fill({ ...each, body: JSON.stringify(each.payload, null, 2) }) }),
        make("label", { htmlFor: `variant-${index}`, textContent: each.made ? each.name : each.name || `Example ${index + 1}`,
                        title: each.made ? each.valid ? "made from the schema" : "made from the schema, and not valid yet" : "an example of the document" }),
      ]));
  }

  #fill({ body, parameters, headers }) {
    const given = new Map(Object.entries(headers ?? {}));
    at("parameters").replaceChildren(...this.#told.parameters.map((each) => this.#parameter(each, parameters?.[each.name] ?? "")));
    at("headers").replaceChildren();
    for (const each of this.#told.headers) {
      this.#header(each.name, given.get(each.name), each);
      given.delete(each.name);
    }
    for (const [name, value] of given) this.#header(name, value);
    at("address").hidden ||= this.#told.parameters.length === 0;
    this.#write(body);
  }

  #write(text) {
    at("body").value = text;
    at("body").scrollTop = 0;
    this.#editor.draw();
    this.#edited();
  }

  #parameter({ name, values, located }, value) {
    const id = `parameter-${name}`;
    const field = values.length > 0
      ? make("select", { id, name }, ...(located ? [make("option", { value: "", textContent: "from the message" })] : []), ...values.map((each) => make("option", { value: each, textContent: each })))
      : make("input", { id, name, placeholder: located ? "from the message" : "", autocomplete: "off", spellcheck: false });
    field.value = value;
    if (values.length > 0 && field.selectedIndex < 0) field.selectedIndex = 0;
    return make("div", {}, make("label", { htmlFor: id, textContent: name }), field);
  }

  #header(name, value, told = null) {
    const number = at("headers").children.length;
    const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
    const field = make("input", { id: `header-${number}`, value: text, autocomplete: "off", spellcheck: false, placeholder: told ? told.required ? "required" : "not set" : "" });
    field.dataset.type = told?.type ?? (typeof value === "string" || value === undefined ? "string" : "json");
    const label = told
      ? make("label", { htmlFor: field.id, textContent: name, title: told.about })
      : make("input", { value: name, ariaLabel: "Name of a header", placeholder: "name", autocomplete: "off", spellcheck: false });
    if (!told) field.ariaLabel = "Value of a header";
    const row = make("div", {}, label, field);
    if (!told) row.append(button("×", () => { row.remove(); this.#edited(); }, { ariaLabel: `Remove the header ${name}`, className: "remove" }));
    at("headers").append(row);
    return row;
  }

  #values() {
    const parameters = Object.fromEntries([...at("parameters").querySelectorAll("input, select")].map((each) => [each.name, each.value]).filter(([, value]) => value !== ""));
    const headers = {};
    for (const row of at("headers").children) {
      const [first, last] = [row.firstElementChild, row.querySelector("input[id]")];
      const name = first.tagName === "LABEL" ? first.textContent : first.value.trim();
      if (!name || last.value === "") continue;
      headers[name] = last.value;
      if (last.dataset.type === "json") try { headers[name] = JSON.parse(last.value); } catch { /* the class says what is wrong */ }
    }
    return { body: at("body").value, parameters, headers };
  }

  #edited() {
    this.#editor.number(new Set());
    clearTimeout(this.#timer);
    if (!this.#letter) kept.set(this.id, this.#values());
    this.#timer = setTimeout(() => this.#check(), WAIT);
  }

  async #check() {
    const asked = ++this.#asked;
    const result = await ask("/-/check", { ...this.#values(), message: this.id });
    if (asked !== this.#asked) return;
    // A letter keeps its own address and headers.
    if (result.problems) this.#problems(result.problems.filter(({ of }) => !this.#letter || of === "body"));
  }

  #problems(problems) {
    this.#editor.number(new Set(problems.map(({ line }) => line)));
    at("valid").textContent = problems.length === 0 ? "Valid" : count(problems.length, "problem");
    at("valid").classList.toggle("bad", problems.length > 0);
    at("problems").replaceChildren(...problems.map((each) => make("li", {}, this.#place(each), each.text)));
  }

  #place({ of, place, line, column }) {
    if (of !== "body") return make("strong", { textContent: `${of} ` });
    if (!line) return null;
    const where = `line ${line}${place ? `, ${place}` : ""}`;
    return button(where, () => this.#editor.go(line, column), { className: "place" });
  }

  #tell(element) { at("result").replaceChildren(...(element ? [element] : [])); }
}

const block = (title, text) => make("figure", { className: "code" },
  make("figcaption", { textContent: title }), make("pre", { tabIndex: 0, ariaLabel: title }, make("code", { textContent: pretty(text) })));
const line = (outcome, text) => make("p", {}, pill(outcome), " ", text);

const refused = (problems) => line("unsent", `Not published: ${count(problems.length, "problem")}. ${problems[0]?.text ?? ""}`);
const replayed = ({ error, replayed: done, refused: why }) =>
  error ? line("error", error) : done ? line("confirmed", "Back in its queue, with its id.") : line("error", `It stays where it is: ${why.join("; ")}`);

function ended(result) {
  if (result.error) return line("error", result.error);
  const after = ` after ${span(result.spent)}`;
  switch (result.ended) {
    case "confirmed": return line("confirmed", `${after.slice(1)} on ${result.topic}.${result.heard ? "" : " No queue received it: this event has no listener yet."}`);
    case "answered": {
      const { name, kind, error, body } = result.answer;
      const told = line(error ? "error" : "answered", `${error ? "with what is not valid" : `with a valid ${kind ?? name}`}${after}.`);
      return make("div", {}, told, ...(error ? [make("p", { className: "bad", textContent: error })] : []), block(kind ?? name ?? "answer", body));
    }
    default: return line(result.ended, `${after.slice(1)}: ${result.reason}`);
  }
}
