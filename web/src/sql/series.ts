// What of a table can be drawn: a column of labels and columns of numbers, and which chart suits them.

export type Kind = "bar" | "line" | "pie" | "scatter";

export interface Series {
  labelName: string;
  labels: string[];
  values: { name: string; numbers: (number | null)[] }[];
  /** The chart that suits the columns best. */
  first: Kind;
  /** Whether the labels are points in time. */
  times: boolean;
}

/** More would be neither legible nor quick. */
const MOST_ROWS = 2000;
const MOST_VALUES = 6;

/** Reads the table; nothing when it has no column of numbers or no row. Cells carry their plain value in `data-v`. */
export function read(table: HTMLTableElement): Series | undefined {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => ({ name: cell.dataset.name ?? "", group: cell.dataset.group ?? "text" }));
  const rows = [...(table.tBodies[0]?.rows ?? [])].slice(0, MOST_ROWS);
  const text = (row: HTMLTableRowElement, at: number): string => row.cells[at]?.dataset.v ?? row.cells[at]?.textContent ?? "";
  const numbersAt = heads.flatMap((head, at) => (head.group === "number" ? [at] : []));
  const labelAt = heads.findIndex((head) => head.group !== "number" && head.name !== "");
  const valuesAt = (labelAt < 0 && numbersAt.length > 1 ? numbersAt.slice(1) : numbersAt).slice(0, MOST_VALUES);
  const labels = labelAt < 0 && numbersAt.length > 1 ? (numbersAt[0] ?? -1) : labelAt;
  if (rows.length === 0 || valuesAt.length === 0) return undefined;
  const times = heads[labels]?.group === "time";
  const number = (row: HTMLTableRowElement, at: number): number | null => {
    const value = text(row, at);
    return value === "" || !Number.isFinite(Number(value)) ? null : Number(value);
  };
  return {
    labelName: heads[labels]?.name ?? "",
    labels: rows.map((row, at) => (labels < 0 ? String(at + 1) : text(row, labels) || "—")),
    values: valuesAt.map((at) => ({ name: heads[at]?.name ?? "", numbers: rows.map((row) => number(row, at)) })),
    first: times || rows.length > 60 ? "line" : labelAt < 0 && numbersAt.length > 1 ? "scatter" : "bar",
    times,
  };
}

/** The charts that can show it. */
export function kinds(series: Series): Kind[] {
  const all: Kind[] = ["bar", "line"];
  const whole = series.values[0]?.numbers.every((value) => (value ?? 0) >= 0) ?? false;
  if (whole && series.labels.length <= 12 && !series.times) all.push("pie");
  if (series.values.length > 1 || series.first === "scatter") all.push("scatter");
  return all;
}
