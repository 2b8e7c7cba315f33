"use strict";
// What a phone moves sideways is reached by keys too; the theme's hidden inputs are no stops of Tab.
(() => {
  const stops = () => {
    for (const one of document.querySelectorAll(".md-typeset pre > code, .md-typeset table")) {
      if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    }
    for (const one of document.querySelectorAll("input.md-option[aria-hidden]")) one.tabIndex = -1;
  };
  stops();
  globalThis.document$?.subscribe(stops);
  addEventListener("resize", stops);
})();
