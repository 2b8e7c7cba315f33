// What `jararaca dev` adds to a page of the documentation: the way to the desk.
const link = (text, href) =>
  Object.assign(document.createElement("a"), { textContent: text, href, className: "desk-link" });

document.querySelector(".tools")?.prepend(link("Desk", "/-/desk"));
const found = location.pathname.match(/^\/([^/]+)\/messages\/([^/]+)\.html$/);
const heading = document.querySelector("main h1");
if (found && heading) {
  const id = found.slice(1).map(decodeURIComponent).join("/");
  heading.after(link("Try it at the desk", `/-/desk#/send/${encodeURIComponent(id)}`));
}
