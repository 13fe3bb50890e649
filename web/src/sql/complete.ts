// Completion of tables and columns, by name and by title: 姓名 finds the column that is called so.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { SQLNamespace } from "@codemirror/lang-sql";
import { type Table, quoted, title } from "./tables";

interface Level {
  self: Completion;
  children: Completion[];
}

/** Tables under their layers. */
export function schema(known: Table[]): SQLNamespace {
  const layers: Record<string, Record<string, Level>> = {};
  for (const table of known) {
    const dot = table.name.indexOf(".");
    const layer = dot < 0 ? "standard" : table.name.slice(0, dot);
    const name = table.name.slice(dot + 1);
    const columns = table.columns.map((column) => ({
      label: column.name,
      apply: quoted(column.name),
      type: "property",
      detail: [title(column.title), column.type].filter(Boolean).join(" · "),
    }));
    (layers[layer] ??= {})[name] = { self: { label: name, type: "type", detail: title(table.title) }, children: columns };
  }
  return layers;
}

/** What is typed in Chinese is looked up among the titles. */
export function byTitle(known: Table[]): (context: CompletionContext) => CompletionResult | null {
  const options: Completion[] = [];
  const seen = new Set<string>();
  const offer = (text: string, name: string, detail: string): void => {
    const key = `${text} ${name}`;
    if (!text || text === name || seen.has(key)) return;
    seen.add(key);
    options.push({ label: text, apply: name, detail });
  };
  for (const table of known) {
    offer(table.title.zh, table.name, table.name);
    for (const column of table.columns) offer(column.title.zh, quoted(column.name), column.name);
  }
  return (context) => {
    const typed = context.matchBefore(/[\u3400-\u9fff][\w\u3400-\u9fff]*/);
    return typed ? { from: typed.from, options, validFor: /^[\w\u3400-\u9fff]*$/ } : null;
  };
}
