// The list of tables: narrowed while typing; a click writes a name into the statement.

export function browse(list: HTMLElement | null, insert: (text: string) => void): void {
  if (!list) return;
  const box = list.querySelector<HTMLInputElement>("input[type=search]");
  const entries = [...list.querySelectorAll<HTMLDetailsElement>("details[data-words]")];
  const none = list.querySelector<HTMLElement>("[data-none]");
  const narrow = (): void => {
    const words = (box?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const entry of entries) {
      const text = entry.dataset.words ?? "";
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) left += 1;
    }
    if (none) none.hidden = left > 0;
  };
  box?.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
  box?.addEventListener("input", narrow);
  box?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  narrow();
  list.addEventListener("click", (event) => {
    const name = (event.target as Element).closest<HTMLElement>("[data-insert]");
    if (name) insert(name.dataset.insert ?? "");
  });
}
