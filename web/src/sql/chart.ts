// Draws with ECharts on a canvas, in the page's colours, described in words for those who cannot see it.
import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DataZoomInsideComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ECharts, type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { Kind, Series } from "./series";

use([AriaComponent, BarChart, CanvasRenderer, DataZoomInsideComponent, GridComponent, LegendComponent, LineChart, PieChart, ScatterChart, TooltipComponent]);

export class Drawing {
  private readonly chart: ECharts;
  private readonly element: HTMLElement;
  private readonly series: Series;
  private kind: Kind;
  private readonly scheme = matchMedia("(prefers-color-scheme: dark), (prefers-contrast: more)");
  private readonly redraw = (): void => this.show(this.kind);

  constructor(element: HTMLElement, series: Series) {
    this.element = element;
    this.series = series;
    this.kind = series.first;
    this.chart = init(element, null, { renderer: "canvas" });
    this.scheme.addEventListener("change", this.redraw);
  }

  show(kind: Kind): void {
    this.kind = kind;
    this.chart.setOption({ ...this.common(), ...this.shape(kind) }, { notMerge: true });
  }

  resize(): void {
    this.chart.resize();
  }

  end(): void {
    this.scheme.removeEventListener("change", this.redraw);
    this.chart.dispose();
  }

  private token(name: string, otherwise: string): string {
    return getComputedStyle(this.element).getPropertyValue(name).trim() || otherwise;
  }

  private common(): EChartsCoreOption {
    const ink = this.token("color", "#0b2f45");
    const many = this.series.values.length > 1;
    const colour = ["--water-fill", "--amber-fill", "--jade-fill", "--vermilion-fill", "--place-3", "--place-5"].map((name) =>
      this.token(name, "#1f6f8b"),
    );
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      color: colour,
      animation: !still,
      animationDuration: 250,
      textStyle: { color: ink, fontFamily: getComputedStyle(this.element).fontFamily },
      // Patterns beside colours, so that nobody has to tell colours apart.
      aria: { enabled: true, decal: { show: many } },
      // Drawn on the canvas: a tooltip of markup would need inline styles, which our policy forbids.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, textStyle: { fontSize: 14 } },
      ...(many ? { legend: { top: 0, textStyle: { color: ink } } } : {}),
      grid: { left: 8, right: 24, top: many ? 40 : 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    };
  }

  private shape(kind: Kind): EChartsCoreOption {
    const { labels, values } = this.series;
    const line = this.token("--line", "#e3e0d8");
    const ink = this.token("color", "#0b2f45");
    const axisLabel = { color: ink, hideOverlap: true };
    const measure = { type: "value", axisLabel, splitLine: { lineStyle: { color: line } } };
    const category = { type: "category", data: labels, axisLabel, axisTick: { show: false }, axisLine: { lineStyle: { color: line } } };
    const zoom = labels.length > 60 ? [{ type: "inside", ...(kind === "bar" && this.sideways ? { yAxisIndex: 0 } : {}) }] : [];
    switch (kind) {
      case "pie": {
        const data = labels.map((name, at) => ({ name, value: values[0]?.numbers[at] ?? 0 }));
        return { tooltip: { trigger: "item", renderMode: "richText" }, aria: { enabled: true, decal: { show: true } }, legend: { show: false }, series: [{ type: "pie", name: values[0]?.name, radius: ["35%", "68%"], label: { color: ink, formatter: "{b} {d}%" }, data }] };
      }
      case "scatter": {
        const [x, y] = values.length > 1 ? [values[0], values[1]] : [{ name: this.series.labelName, numbers: labels.map(Number) }, values[0]];
        const data = labels.map((_label, at) => [x?.numbers[at] ?? null, y?.numbers[at] ?? null]);
        return { tooltip: { trigger: "item", renderMode: "richText" }, legend: { show: false }, xAxis: { ...measure, name: x?.name, nameLocation: "middle", scale: true }, yAxis: { ...measure, name: y?.name, scale: true }, series: [{ type: "scatter", symbolSize: 8, data }] };
      }
      case "line":
        return { xAxis: category, yAxis: { ...measure, scale: true }, dataZoom: zoom, series: values.map((v) => ({ type: "line", name: v.name, data: v.numbers, showSymbol: labels.length <= 40, lineStyle: { width: 2 } })) };
      case "bar": {
        const series = values.map((v) => ({ type: "bar", name: v.name, data: v.numbers, barMaxWidth: 28 }));
        // Long names read better beside their bar than slanted under it.
        return this.sideways ? { xAxis: measure, yAxis: { ...category, inverse: true }, dataZoom: zoom, series } : { xAxis: category, yAxis: measure, dataZoom: zoom, series };
      }
    }
  }

  private get sideways(): boolean {
    return !this.series.times && this.series.labels.length <= 40 && this.series.labels.some((label) => label.length > 4);
  }
}
