// The body's editor: colours behind the text, indentation, numbers of lines with what is wrong in them.
import { at, make } from "./dom.js";

const MOST_COLOURED = 50_000;
const TOKENS = /("(?:\\.|[^"\\\n])*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;

// Pieces of JSON with the class of each; what is no token is plain.
function* coloured(text) {
  let end = 0;
  for (const found of text.matchAll(TOKENS)) {
    const [, string, colon, number] = found;
    yield text.slice(end, found.index);
    const className = string ? (colon ? "ht" : "hs") : number ? "hn" : "hk";
    const token = string ?? found[0];
    yield make("span", { className, textContent: token });
    end = found.index + token.length;
  }
  yield `${text.slice(end)}\n`;
}

export class Editor {
  #isWritten = false;

  constructor() {
    const body = at("body");
    body.addEventListener("scroll", () => this.#follow());
    body.addEventListener("input", () => { this.#isWritten = true; this.draw(); });
    body.addEventListener("focus", () => { this.#isWritten = false; });
    body.addEventListener("pointerdown", () => setTimeout(() => { this.#isWritten = true; }));
    body.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // Colours what stands there; a very long text is drawn without.
  draw() {
    const text = at("body").value, has = text.length <= MOST_COLOURED;
    at("body").classList.toggle("coloured", has);
    at("colours").replaceChildren(...(has ? coloured(text) : []));
    this.#follow();
  }

  number(wrong) {
    const total = at("body").value.split("\n").length;
    const numbers = Array.from({ length: Math.min(total, 20_000) }, (_, index) => index + 1);
    if (wrong.size === 0) at("lines").textContent = numbers.join("\n");
    else at("lines").replaceChildren(...numbers.map((number) => wrong.has(number) ? make("b", { textContent: `${number}\n` }) : `${number}\n`));
    this.#follow();
  }

  go(line, column) {
    const body = at("body"), before = body.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    body.focus();
    body.setSelectionRange(start, start);
    body.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(body).lineHeight));
  }

  #follow() {
    const { scrollTop, scrollLeft } = at("body");
    at("lines").scrollTop = scrollTop;
    Object.assign(at("colours"), { scrollTop, scrollLeft });
  }

  // Tab goes on through the page until something is written or clicked here; Escape leaves.
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Tab" && this.#isWritten) { event.preventDefault(); this.#indent(event.shiftKey); }
    else if (event.key === "Enter") { event.preventDefault(); this.#line(); }
  }

  #line() {
    const body = at("body"), before = body.value.slice(0, body.selectionStart);
    const [, indent, opens] = before.slice(before.lastIndexOf("\n") + 1).match(/^(\s*).*?([{[]?)\s*$/);
    const closes = opens && /^[}\]]/.test(body.value.slice(body.selectionEnd));
    insert(`\n${indent}${opens ? "  " : ""}${closes ? `\n${indent}` : ""}`);
    if (closes) body.selectionStart = body.selectionEnd -= indent.length + 1;
  }

  #indent(back) {
    const body = at("body"), { selectionStart: start, selectionEnd: end, value } = body;
    if (!back && start === end) return insert("  ");
    const first = value.lastIndexOf("\n", start - 1) + 1;
    const next = value.indexOf("\n", Math.max(first, end - (end > start)));
    const last = next < 0 ? value.length : next;
    const lines = value.slice(first, last).split("\n").map((line) => back ? line.replace(/^ {1,2}/, "") : `  ${line}`);
    body.setSelectionRange(first, last);
    insert(lines.join("\n"));
    body.setSelectionRange(first, first + lines.join("\n").length);
  }
}

// As if it was typed: it can be undone.
const insert = (text) => document.execCommand(text ? "insertText" : "delete", false, text);
