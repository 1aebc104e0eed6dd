// Tells whoever opened Link how it went, and spares people a step here and there. Pages do
// everything else without it.
"use strict";

(() => {
  const { body } = document;
  const framed = window.parent !== window;
  const other = framed ? window.parent : window.opener;
  const registered = (body.dataset.origins || "").split(" ").filter(Boolean);

  // Messages go to registered origins only. Where the browser says which one the frame stands in,
  // the others are not tried: each try would be an error in its console.
  function targets() {
    const parent = framed && location.ancestorOrigins ? location.ancestorOrigins[0] : undefined;
    return parent === undefined ? registered : registered.filter((origin) => origin === parent);
  }

  function tell(message) {
    if (other) for (const origin of targets()) other.postMessage(message, origin);
  }

  // Ways out. With a redirect address and no frame, the link is followed as it stands.
  for (const way of document.querySelectorAll("[data-leave]")) {
    if (!other || (way.tagName === "A" && !framed)) continue;
    way.hidden = false;
    for (const text of document.querySelectorAll("[data-alone]")) text.hidden = true;
    way.addEventListener("click", (event) => {
      event.preventDefault();
      tell({ type: way.dataset.leave });
      if (!framed) window.close();
    });
  }

  const success = document.querySelector("[data-public-token]");
  if (success) tell({ type: "SUCCESS", payload: { publicToken: success.dataset.publicToken } });

  // For browsers that do not say themselves where a page stands.
  if (framed) {
    for (const field of document.querySelectorAll("input[name=framed]")) field.value = "1";
  }

  // Providers refuse to be framed, so their consent is given in a window of its own.
  if (framed) {
    for (const link of document.querySelectorAll("[data-popup]")) {
      link.addEventListener("click", (event) => {
        const address = new URL(link.href);
        address.searchParams.set("popup", "1");
        const opened = window.open(address, "gladhand_oauth", "popup,width=640,height=760");
        if (opened) event.preventDefault();
      });
    }
    window.addEventListener("message", (event) => {
      if (event.origin !== location.origin || !event.data) return;
      const { type, address } = event.data;
      const ours = /^\/(done|provider\/[a-z0-9_-]+)\?/.test(String(address));
      if (type === "GLADHAND_CONTINUE" && ours) location.assign(address);
    });
  }

  // The other end of it: such a window hands on what came of it.
  const handover = document.querySelector("[data-handover]");
  if (handover) {
    const address = handover.dataset.handover;
    let page = null;
    try {
      if (window.opener && window.opener.location.origin === location.origin) page = window.opener;
    } catch {
      // Another site's page by now: nothing of ours is told to it.
    }
    if (page) {
      page.postMessage({ type: "GLADHAND_CONTINUE", address }, location.origin);
      window.close();
    } else {
      location.replace(address);
    }
  }

  // While the provider is asked, a second click would only be a second form.
  for (const form of document.querySelectorAll("[data-checking]")) {
    const button = form.querySelector("[type=submit]");
    const progress = form.querySelector("[data-progress]");
    form.addEventListener("submit", (event) => {
      if (button.getAttribute("aria-disabled") === "true") {
        event.preventDefault();
        return;
      }
      button.setAttribute("aria-disabled", "true");
      progress.textContent = form.dataset.checking;
    });
    window.addEventListener("pageshow", () => {
      button.removeAttribute("aria-disabled");
      progress.textContent = "";
    });
  }

  // Narrows the list down while one types.
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  if (search && found && !search.value) {
    const rows = [...document.querySelectorAll("[data-search]")];
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => row.dataset.search.includes(word));
        if (!row.hidden) shown += 1;
      }
      found.textContent = words.length > 0 ? found.dataset.found.replace("#", shown) : "";
    });
  }

  const problem = document.getElementById("problem");
  if (problem) problem.focus();
})();
