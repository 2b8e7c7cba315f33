// The desk of `jararaca dev`: publish a message, and see what becomes of it. Text only, no HTML.
const make = (tag, text = "", props = {}) =>
  Object.assign(document.createElement(tag), { textContent: text }, props);

const current = () => {
  const found = location.pathname.match(/^\/([^/]+)\/messages\/([^/]+)\.html$/);
  return found ? `${decodeURIComponent(found[1])}/${decodeURIComponent(found[2])}` : null;
};

const desk = make("section", "", { id: "desk", ariaLabel: "Publish and watch" });
const form = make("form");
const choice = make("select", "", { ariaLabel: "Message" });
const example = make("select", "", { ariaLabel: "Example" });
const parameters = make("span", "", { className: "parameters" });
const body = make("textarea", "", { ariaLabel: "Body, JSON", spellcheck: false, rows: 6 });
const send = make("button", "Publish", { type: "submit" });
const told = make("p", "", { className: "told" });
told.setAttribute("role", "status");
const live = make("ol", "", { className: "live" });
live.setAttribute("aria-live", "polite");

const bar = make("div", "", { className: "row" });
bar.append(choice, example, parameters, send);
form.append(bar, body, told);
const fold = make("details", "", { open: sessionStorage.desk !== "closed" });
fold.addEventListener("toggle", () => (sessionStorage.desk = fold.open ? "open" : "closed"));
const columns = make("div", "", { className: "columns" });
const right = make("div");
right.append(live);
columns.append(form, right);
fold.append(make("summary", "Try it"), columns);
desk.append(fold);

let messages = [];
const chosen = () => messages.find((each) => each.id === choice.value);

const fill = () => {
  const picked = chosen()?.examples[Number(example.value)];
  body.value = JSON.stringify(picked?.payload ?? {}, null, 2);
  parameters.replaceChildren(
    ...(chosen()?.parameters ?? []).map((name) =>
      make("input", "", { name, placeholder: name, ariaLabel: name, required: true,
                          value: picked?.parameters[name] ?? "" })),
  );
};

const pick = () => {
  const found = chosen()?.examples ?? [];
  example.replaceChildren(
    ...found.map((_, index) => make("option", `example ${index + 1}`, { value: index })));
  example.hidden = found.length < 2;
  told.textContent = "";
  fill();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  send.disabled = true;
  const values = Object.fromEntries(
    [...parameters.querySelectorAll("input")].map((each) => [each.name, each.value]));
  try {
    const answer = await fetch("/-/publish", {
      method: "POST",
      headers: { "X-Jararaca": "dev" },
      body: JSON.stringify({ message: choice.value, body: body.value, parameters: values }),
    });
    const { error } = await answer.json();
    told.textContent = error ?? "confirmed";
    told.classList.toggle("bad", Boolean(error));
  } catch {
    told.textContent = "the process is starting again: try once more";
  }
  send.disabled = false;
});

const show = (event) => {
  const line = make("li");
  const outcome = make("span", event.outcome, { className: `outcome ${event.outcome}` });
  line.append(make("time", event.time), outcome, make("code", event.handler));
  if (event.attempt > 1) line.append(make("span", `try ${event.attempt}`, { className: "about" }));
  if (event.reason) line.append(make("span", event.reason, { className: "about" }));
  if (event.body) {
    const more = make("details");
    more.append(make("summary", event.message ?? "body"), make("pre", event.body));
    line.append(more);
  }
  live.prepend(line);
  while (live.children.length > 100) live.lastChild.remove();
};

choice.addEventListener("change", pick);
example.addEventListener("change", fill);
document.body.append(desk);
fetch("/-/messages").then((answer) => answer.json()).then((found) => {
  messages = found;
  choice.replaceChildren(...found.map(({ id }) => make("option", id, { value: id })));
  choice.value = current() ?? found[0]?.id ?? "";
  if (!chosen()) choice.value = found[0]?.id ?? "";
  pick();
});
const events = new EventSource("/-/live");
events.addEventListener("open", () => live.replaceChildren());
events.onmessage = (event) => {
  const heard = JSON.parse(event.data);
  if (heard) show(heard);
};
