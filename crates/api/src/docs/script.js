// Narrows the page down to the operations and schemas that hold every word of the filter.
"use strict";

(() => {
  const box = document.getElementById("filter");
  const input = document.getElementById("filter-text");
  const count = document.getElementById("filter-count");
  const entries = [...document.querySelectorAll("[data-search]")].map((entry) => ({
    entry,
    link: document.querySelector(`[data-for="${entry.id}"]`),
    text: entry.dataset.search,
  }));
  const groups = [...document.querySelectorAll(".group")];
  const folded = groups.filter((group) => group.tagName === "DETAILS");

  function apply() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { entry, link, text } of entries) {
      const hidden = !words.every((word) => text.includes(word));
      entry.hidden = hidden;
      if (link) link.hidden = hidden;
      if (!hidden) shown += 1;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("[data-search]:not([hidden]), [data-for]:not([hidden])");
    }
    for (const group of folded) group.open = words.length > 0;
    count.textContent = words.length > 0 ? `${shown} of ${entries.length} are shown` : "";
  }

  function clear() {
    input.value = "";
    apply();
  }

  // A link may lead to what the filter hides.
  function showTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      clear();
      target.scrollIntoView();
    }
  }

  input.addEventListener("input", apply);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  window.addEventListener("hashchange", showTarget);
  box.hidden = false;
  // A browser that goes back may have kept the text.
  if (input.value) apply();
})();
