// The keyboard: "/" goes to the search box, "?" opens the list of keys. Typing in a field is left alone.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const box = document.getElementById("q") ?? document.querySelector("main form[role=search] input");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    }
  });

  // Open menus close on Escape and on a press outside.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  // On a wide screen the facets stand open: by style at once, so that nothing moves, and from here on by what they say of themselves.
  if (matchMedia("(min-width: 52.01rem)").matches) {
    for (const facets of document.querySelectorAll("details.facets")) {
      facets.open = true;
      facets.dataset.own = "";
    }
  }
})();
