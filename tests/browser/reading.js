// What a reader trips over: words broken in their middle, text under the Copy button, things cut off.
() => {
  const found = [];
  const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (words.nextNode()) {
    const node = words.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest("svg, .hidden")) continue;
    for (const word of node.data.matchAll(/[^\s\-\/?–—…&%]{2,}/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((r) => r.width > 1).map((r) => Math.round(r.top)));
      const room = node.parentElement.closest("div, td, th, li, p, dd, pre").clientWidth;
      if (lines.size > 1 && word[0].length * 8.5 < room) found.push(`broken: ${word[0]}`);
    }
  }
  for (const button of document.querySelectorAll(".copy")) {
    if (!button.checkVisibility()) continue;
    const box = button.getBoundingClientRect();
    const code = button.closest(".code").querySelector("pre").getBoundingClientRect();
    if (box.bottom > code.top) found.push("Copy lies over the text");
    if (button.closest(".code").querySelector("pre").getAttribute("tabindex") === null) found.push("no key scrolls it");
  }
  for (const one of document.querySelectorAll("main *")) {
    if (!one.checkVisibility() || one.closest("svg, .hidden, [hidden]") || one.matches("input")) continue;
    const box = one.getBoundingClientRect();
    const scrolls = one.closest(".picture, pre");
    if (!scrolls && box.right > document.documentElement.clientWidth + 1) found.push(`cut: ${one.outerHTML.slice(0, 90)}`);
  }
  return found;
}
