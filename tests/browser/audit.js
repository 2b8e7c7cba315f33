// What keeps a page from somebody: a list of sentences; empty where nothing does.
() => {
  const found = [];
  const tell = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) &&
    getComputedStyle(element).clipPath === "none" && element.getBoundingClientRect().right > 0;

  const channels = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return [red, green, blue, alpha];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
  const ground = (element) => {
    if (element instanceof SVGElement) {
      const rect = element.closest("a")?.querySelector("rect") ?? null;
      const fill = rect && getComputedStyle(rect).fill;
      if (fill && fill !== "none") return channels(fill).slice(0, 3);
      const panel = element.classList.contains("panel-title") && document.querySelector(".panel");
      return panel ? channels(getComputedStyle(panel).fill).slice(0, 3) : ground(element.closest("svg").parentElement);
    }
    if (!element) return [255, 255, 255];
    const own = channels(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(element) || !shown(element)) continue;
    if (element.tagName === "title" || element.tagName === "SCRIPT") continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const below = ground(element);
    const colour = channels(element instanceof SVGElement ? style.fill : style.color);
    const ratio = contrast(over(colour, below), below);
    if (ratio < least) tell(`contrast ${ratio.toFixed(2)}`, element);
  }

  const named = (element) => element.getAttribute("aria-label") || element.labels?.length ||
    element.textContent.trim() || element.title;
  all("input, select, textarea, button, a[href], summary, nav, [role=group], [role=region]")
    .filter((element) => shown(element) && !named(element)).forEach((one) => tell("no name", one));
  all("img:not([alt]), svg:not([aria-label]):not([aria-hidden])").forEach((one) => tell("no text", one));

  for (const [name, selector] of [["main", "main"], ["banner", "body > header"], ["h1", "h1"]]) {
    if (all(selector).length !== 1) found.push(`${all(selector).length} times ${name}`);
  }
  const regions = all("section[aria-labelledby]").map((one) =>
    document.getElementById(one.getAttribute("aria-labelledby"))?.textContent ?? "");
  const labels = [...regions, ...all("[role=region], nav").map((one) => one.getAttribute("aria-label"))];
  labels.filter((label, at) => !label || labels.indexOf(label) !== at)
    .forEach((label) => found.push(`landmark not told apart: ${label}`));
  all("h1, h2, h3, h4, h5, h6").map((one) => Number(one.tagName[1])).reduce((before, level) => {
    if (level > before + 1) found.push(`heading jumps from ${before} to ${level}`);
    return level;
  }, 0);

  const ids = all("[id]").map((one) => one.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => found.push(`id twice: ${id}`));
  for (const name of ["aria-labelledby", "aria-controls", "aria-activedescendant"]) {
    all(`[${name}]`).filter((one) => !document.getElementById(one.getAttribute(name)))
      .forEach((one) => tell(`${name} leads nowhere`, one));
  }
  all("[tabindex]").filter((one) => one.tabIndex > 0).forEach((one) => tell("tabindex", one));
  all("main *").filter((one) => {
    const scrolls = /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth;
    return scrolls && one.tabIndex < 0 && !one.querySelector("a, button, input, [tabindex]");
  }).forEach((one) => tell("scrolls, and no key reaches it", one));
  all("main p a, main dd a").filter((one) => {
    const alone = one.parentElement.textContent.trim() === one.textContent.trim();
    return !alone && !one.matches(".button") && !getComputedStyle(one).textDecorationLine.includes("underline");
  }).forEach((one) => tell("a link like its text", one));
  if (!document.documentElement.lang || !document.title) found.push("no language, or no title");
  return found;
}
