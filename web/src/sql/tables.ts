// The tables and columns that may be asked, as the API tells them.

export interface Column {
  name: string;
  title: { zh: string; en: string };
  type: string;
}

export interface Table {
  name: string;
  title: { zh: string; en: string };
  columns: Column[];
}

/** A title in the page's language. */
export function title(text: { zh: string; en: string }): string {
  const english = document.documentElement.lang.startsWith("en");
  return (english ? text.en : text.zh) || text.zh || text.en;
}

/** A name as it must stand in a statement. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

let asked: Promise<Table[]> | undefined;

/** Asked once; a failure leaves the editor without completion, not without use. */
export function tables(address: string): Promise<Table[]> {
  asked ??= fetch(address, { headers: { accept: "application/json" } })
    .then((answer) => (answer.ok ? (answer.json() as Promise<{ tables: Table[] }>) : { tables: [] }))
    .then((answer) => answer.tables)
    .catch(() => []);
  return asked;
}
