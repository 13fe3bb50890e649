// <live-runs>: keeps the numbers of runs under way moving, and when one begins or ends
// fetches the page again and puts in its parts marked data-live. Without it the page is simply as of its time.
(() => {
  "use strict";
  let stream;
  let known = new Map();
  let timer;

  const refresh = async () => {
    timer = undefined;
    let answer;
    try {
      answer = await fetch(location.href, { headers: { accept: "text/html" } });
    } catch {
      return;
    }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = part.id && fresh.getElementById(part.id);
      if (!next || part.contains(document.activeElement)) continue;
      part.replaceWith(document.adoptNode(next));
    }
    watch();
  };
  // Work that tells no events, such as the resolving of a register, is looked at again every few seconds until it ends.
  const watch = () => {
    if (!document.hidden && document.querySelector("[data-busy]")) timer ??= setTimeout(refresh, 2500);
  };
  const refreshSoon = () => {
    timer ??= setTimeout(refresh, 800);
  };

  const told = (run) => {
    const before = known.get(run.id);
    known.set(run.id, run.state);
    if (run.state !== "running") {
      known.delete(run.id);
      if (before !== undefined || document.querySelector(`[data-run="${CSS.escape(run.id)}"]`)) refreshSoon();
      return;
    }
    const row = document.querySelector(`[data-run="${CSS.escape(run.id)}"]`);
    if (!row) {
      if (before === undefined) refreshSoon();
      return;
    }
    const number = new Intl.NumberFormat("en");
    const seconds = Math.max(1, Date.now() / 1000 - Date.parse(run.started) / 1000);
    row.querySelector('[data-part="rows"]').textContent = number.format(run.source_rows);
    row.querySelector('[data-part="rate"]').textContent = number.format(Math.round(run.source_rows / seconds));
    const bar = row.querySelector("progress");
    const [done, total] = run.rows_total ? [run.source_rows, run.rows_total] : [run.bytes, run.bytes_total];
    if (total) {
      bar.max = total;
      bar.value = Math.min(done, total);
    }
  };

  const open = () => {
    if (stream || document.hidden || !document.querySelector("[data-live]")) return;
    stream = new EventSource("/api/v1/runs/events");
    const hear = (event) => {
      try {
        told(JSON.parse(event.data));
      } catch {
        // Not a run: a greeting or a keep-alive.
      }
    };
    stream.onmessage = hear;
    stream.addEventListener("run", hear);
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else {
      open();
      if (document.querySelector("[data-run], [data-busy]")) refreshSoon();
    }
  });
  addEventListener("pagehide", close);
  customElements.define("live-runs", class extends HTMLElement {
    connectedCallback() {
      open();
    }
  });
  open();
  watch();
})();
