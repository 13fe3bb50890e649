// <result-chart for="id">: draws the table of that id. The table stays the truth for every reader;
// the chart is one more way to look at it.
import type { Drawing } from "./chart";
import { type Kind, type Series, kinds, read } from "./series";
import { word } from "./words";

export class ResultChart extends HTMLElement {
  private drawing: Drawing | undefined;
  private watch: ResizeObserver | undefined;

  connectedCallback(): void {
    // Drawn when first seen: a chart behind a tab has no size yet.
    this.watch = new ResizeObserver(() => {
      if (this.clientWidth === 0) return;
      if (this.drawing) this.drawing.resize();
      else if (!this.hasAttribute("drawn")) void this.draw();
    });
    this.watch.observe(this);
  }

  disconnectedCallback(): void {
    this.watch?.disconnect();
    this.drawing?.end();
    this.drawing = undefined;
  }

  private async draw(): Promise<void> {
    this.toggleAttribute("drawn", true);
    const table = document.getElementById(this.getAttribute("for") ?? "");
    const series = table instanceof HTMLTableElement ? read(table) : undefined;
    if (!series) {
      this.textContent = word("no-chart");
      return;
    }
    const { Drawing } = await import("./chart");
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    this.replaceChildren(this.choices(series), canvas);
    this.drawing = new Drawing(canvas, series);
    this.drawing.show(series.first);
  }

  private choices(series: Series): HTMLElement {
    const label = document.createElement("label");
    const select = document.createElement("select");
    for (const kind of kinds(series)) {
      const option = new Option(word(`chart-${kind}`), kind, false, kind === series.first);
      select.append(option);
    }
    select.addEventListener("change", () => this.drawing?.show(select.value as Kind));
    label.append(word("chart-kind"), " ", select);
    return label;
  }
}
