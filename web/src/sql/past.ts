// The last statements of this person in this browser; they never leave it, and can be forgotten.

const MOST = 30;
const LONGEST = 10_000;

export class Past {
  private readonly key: string;

  constructor(
    private readonly place: HTMLElement | null,
    private readonly choose: (statement: string) => void,
  ) {
    this.key = `sanjiang-sql-${place?.dataset.account ?? ""}`;
    place?.querySelector("[data-forget]")?.addEventListener("click", () => this.keep([]));
    this.show();
  }

  add(statement: string): void {
    if (statement.length > LONGEST) return;
    this.keep([statement, ...this.all().filter((other) => other !== statement)].slice(0, MOST));
  }

  /** Storage may be full, forbidden, or hold something else. */
  private all(): string[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((entry) => typeof entry === "string") : [];
    } catch {
      return [];
    }
  }

  private keep(statements: string[]): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(statements));
    } catch {
      return;
    }
    this.show();
  }

  private show(): void {
    if (!this.place) return;
    const statements = this.all();
    this.place.hidden = statements.length === 0;
    const entries = statements.map((statement) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.title = statement;
      button.textContent = statement.replace(/\s+/g, " ");
      button.addEventListener("click", () => this.choose(statement));
      const entry = document.createElement("li");
      entry.append(button);
      return entry;
    });
    this.place.querySelector("ol")?.replaceChildren(...entries);
  }
}
