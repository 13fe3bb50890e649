// The page's words in the reader's language; the server writes them into the page.

let words: Record<string, string> | undefined;

/** The word for `key`, with `{name}` places filled in. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.querySelector("#sql-words")?.textContent ?? "{}") as Record<string, string>;
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
