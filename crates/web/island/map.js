// [data-map]: the links around a map change it in place, and it can be pulled with the pointer; a double press leads nearer.
// Without it each link fetches the page anew.
(() => {
  "use strict";
  const nothing = { text: "" };
  let last = nothing;

  const show = async (href, way) => {
    const section = document.querySelector("[data-map]");
    if (!section) return;
    section.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await fetch(href, { headers: { accept: "text/html" } });
    } catch {
      location.href = href;
      return;
    }
    const next = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-map]");
    if (!next) {
      location.href = href;
      return;
    }
    const fresh = document.adoptNode(next);
    section.replaceWith(fresh);
    history.replaceState(null, "", href);
    const again = way && fresh.querySelector(`[data-way="${CSS.escape(way)}"]`);
    (again || (way && fresh.querySelector("[data-way]")))?.focus({ preventScroll: true });
  };

  const to = (bounds) => {
    const url = new URL(location.href);
    url.searchParams.set("bbox", bounds.map((one) => one.toFixed(6)).join(","));
    url.hash = "map";
    return url.href;
  };
  const boundsOf = (svg) => svg.dataset.bounds.split(",").map(Number);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-map] [data-way]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      show(link.href, link.dataset.way);
    } else if (last.moved && event.target.closest?.("[data-map] svg a")) {
      // What was pulled was not chosen.
      event.preventDefault();
    }
  });

  document.addEventListener("pointerdown", (event) => {
    const svg = event.target.closest?.("svg.places");
    last = svg && event.button === 0 ? { svg, x: event.clientX, y: event.clientY, moved: false } : nothing;
  });
  document.addEventListener("pointermove", (event) => {
    if (!last.svg || !(event.buttons & 1)) return;
    const [x, y] = [event.clientX - last.x, event.clientY - last.y];
    if (!last.moved && Math.hypot(x, y) < 6) return;
    last.moved = true;
    last.svg.classList.add("held");
    const box = last.svg.getBoundingClientRect();
    const [, , width, height] = last.svg.getAttribute("viewBox").split(" ").map(Number);
    for (const part of last.svg.children) part.setAttribute("transform", `translate(${(x / box.width) * width} ${(y / box.height) * height})`);
  });
  document.addEventListener("pointerup", (event) => {
    if (!last.moved) return;
    const { svg, x: fromX, y: fromY } = last;
    last = { moved: true };
    setTimeout(() => (last = nothing));
    const box = svg.getBoundingClientRect();
    const [west, south, east, north] = boundsOf(svg);
    const x = ((event.clientX - fromX) / box.width) * (east - west);
    const y = ((event.clientY - fromY) / box.height) * (north - south);
    show(to([west - x, south + y, east - x, north + y]));
  });
  document.addEventListener("dblclick", (event) => {
    const svg = event.target.closest?.("svg.places");
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const [west, south, east, north] = boundsOf(svg);
    const x = west + ((event.clientX - box.left) / box.width) * (east - west);
    const y = north - ((event.clientY - box.top) / box.height) * (north - south);
    show(to([x - (east - west) / 4, y - (north - south) / 4, x + (east - west) / 4, y + (north - south) / 4]));
  });
  // An image or a link would be pulled away by the browser itself.
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("svg.places")) event.preventDefault();
  });
})();
