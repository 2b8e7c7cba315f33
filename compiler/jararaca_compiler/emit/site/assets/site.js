"use strict";
// What the page gains with JavaScript: the theme's switch, search, copying, a lit path in the picture.
(() => {
  const root = document.currentScript.dataset.root;
  const page = document.documentElement;
  const kept = {
    get(name) { try { return localStorage.getItem(`jararaca-${name}`); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(`jararaca-${name}`, value); } catch { /* private mode */ } },
  };
  if (kept.get("theme")) page.dataset.theme = kept.get("theme");

  const make = (name, text, properties = {}) =>
    Object.assign(document.createElement(name), { textContent: text }, properties);

  function theme() {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = page.dataset.theme
        ? page.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      page.dataset.theme = dark ? "light" : "dark";
      kept.set("theme", page.dataset.theme);
    });
  }

  function copying() {
    for (const box of document.querySelectorAll(".code")) {
      const button = make("button", "Copy", { type: "button", className: "copy" });
      button.addEventListener("click", async () => {
        const text = box.querySelector("code").textContent;
        try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
        catch { getSelection().selectAllChildren(box.querySelector("code")); button.textContent = "Selected"; }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      box.querySelector("figcaption").prepend(button);
    }
  }

  // A language that was chosen once is chosen on each page; a field in a folded part is unfolded.
  function languages() {
    const inputs = [...document.querySelectorAll(".bar input")];
    const wanted = inputs.find((input) => input.value === kept.get("language"));
    if (wanted) wanted.checked = true;
    for (const input of inputs) input.addEventListener("change", () => kept.set("language", input.value));
  }

  function unfolding() {
    const unfold = () => {
      let at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for (const own of at?.querySelectorAll(":scope > details") ?? []) own.open = true;
      for (; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    };
    addEventListener("hashchange", unfold);
    unfold();
  }

  // A long list is narrowed to what has all the words.
  function finding() {
    for (const input of document.querySelectorAll(".find input")) {
      input.parentElement.hidden = false;
      let all = null;
      input.addEventListener("input", () => {
        all ??= [...document.querySelectorAll(input.dataset.among)].map((one) => [one, one.textContent.toLowerCase()]);
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        for (const [one, text] of all) one.hidden = !words.every((word) => text.includes(word));
        const left = all.filter(([one]) => !one.hidden && !one.closest(".contents")).length;
        input.nextElementSibling.textContent = words.length > 0 ? `${left.toLocaleString("en")} found` : "";
      });
    }
  }

  function hints() {
    for (const hint of document.querySelectorAll("p.sideways")) {
      const frame = hint.nextElementSibling;
      new ResizeObserver(() => { hint.hidden = frame.scrollWidth <= frame.clientWidth; }).observe(frame);
    }
  }

  function picture() {
    for (const svg of document.querySelectorAll(".picture svg")) {
      const lines = [...svg.querySelectorAll(".line")];
      const nodes = [...svg.querySelectorAll("[data-node]")];
      const reach = (start, from, to) => {
        const found = new Set([start]);
        for (let grown = true; grown;) {
          grown = false;
          for (const line of lines) {
            if (!found.has(line.dataset[from])) continue;
            line.classList.add("lit");
            if (!found.has(line.dataset[to])) { found.add(line.dataset[to]); grown = true; }
          }
        }
        for (const node of nodes) if (found.has(node.dataset.node)) node.classList.add("lit");
      };
      const clear = () => svg.querySelectorAll(".lit").forEach((one) => one.classList.remove("lit"));
      for (const node of nodes) {
        const light = () => { clear(); reach(node.dataset.node, "from", "to"); reach(node.dataset.node, "to", "from"); };
        node.addEventListener("mouseenter", light);
        node.addEventListener("focus", light);
        node.addEventListener("mouseleave", clear);
        node.addEventListener("blur", clear);
      }
    }
  }

  function search() {
    const input = document.getElementById("search");
    const list = document.getElementById("results");
    let chosen = -1;
    let loading = null;
    input.parentElement.hidden = false;
    const load = () => loading ??= new Promise((done) => {
      const script = make("script", "", { src: `${root}assets/search-index.js` });
      script.addEventListener("load", done);
      document.head.append(script);
    });
    // A thing is found by its own words; a message's field by its own, or with the message's name.
    const within = (text, words) => words.every((word) => text.includes(word));
    const rank = (name, kind, words) =>
      1 + words.reduce((sum, word) => sum + (name.startsWith(word) ? 4 : name.includes(word) ? 2 : 0), 0)
        + (["event", "task", "websocket"].includes(kind) ? 2 : 0);
    let things = null;
    const prepared = () => things ??= window.jararacaSearch.map(([kind, title, service, address, text, fields]) => ({
      kind, title, service, address, name: title.toLowerCase(), text: `${title} ${kind} ${text}`.toLowerCase(),
      fields: (fields ?? []).map((field) => [field.split("\t")[0], `${title} ${field}`.toLowerCase()]),
    }));
    const hits = (words) => {
      const found = [];
      for (const { kind, title, service, address, name, text, fields } of prepared()) {
        if (within(text, words)) found.push([rank(name, kind, words), title, `${kind} · ${service}`, address]);
        for (const [path, all] of fields) {
          if (!within(all, words)) continue;
          const last = path.split(".").at(-1).toLowerCase();
          const own = words.filter((word) => !name.includes(word));
          if (own.length > 0) found.push([rank(last, "", own) - 1, path, `field of ${title} · ${service}`, `${address}#field-${encodeURIComponent(path)}`]);
        }
      }
      return found.sort((one, other) => other[0] - one[0] || one[1].length - other[1].length).slice(0, 20);
    };
    const choose = (index) => {
      chosen = index;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
      const item = list.children[index];
      if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    };
    const show = (open) => { list.hidden = !open; input.setAttribute("aria-expanded", String(open)); };
    const update = async () => {
      await load();
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = words.length === 0 ? [] : hits(words);
      list.replaceChildren(...found.map(([, title, about, address], at) => {
        const item = make("li", title, { id: `result-${at}` });
        item.setAttribute("role", "option");
        item.dataset.address = address;
        item.append(make("small", about));
        item.addEventListener("mousedown", (event) => { event.preventDefault(); go(item); });
        return item;
      }));
      if (words.length > 0 && found.length === 0) {
        const nothing = make("li", "Nothing found");
        nothing.setAttribute("role", "option");
        nothing.setAttribute("aria-disabled", "true");
        list.append(nothing);
      }
      choose(found.length > 0 ? 0 : -1);
      show(words.length > 0);
    };
    const go = (item) => { show(false); location.href = root + item.dataset.address; };
    input.addEventListener("focus", load);
    input.addEventListener("input", update);
    input.addEventListener("blur", () => show(false));
    input.addEventListener("keydown", (event) => {
      const count = list.querySelectorAll("[data-address]").length;
      if (event.key === "Escape") { show(false); input.blur(); }
      else if (event.key === "Enter" && chosen >= 0) go(list.children[chosen]);
      else if (event.key === "ArrowDown" && count) { event.preventDefault(); choose((chosen + 1) % count); }
      else if (event.key === "ArrowUp" && count) { event.preventDefault(); choose((chosen + count - 1) % count); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
      const asked = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
      if (asked) { event.preventDefault(); input.focus(); input.select(); }
    });
  }

  document.addEventListener("DOMContentLoaded", () => { theme(); copying(); languages(); unfolding(); finding(); hints(); picture(); search(); });
})();
