// Sends the form without leaving the page, puts the answer in its place, and makes tabs of its parts.
import type { Mark, SqlEditor } from "./sql-editor";
import { word } from "./words";

export class Answer {
  private running: AbortController | undefined;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly editor: SqlEditor,
    private readonly place: HTMLElement,
    private readonly ran: (statement: string) => void,
  ) {
    document.addEventListener("submit", (event) => this.submitted(event));
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.dataset.sql === undefined) return;
    event.preventDefault();
    if (this.running) {
      this.running.abort();
      // The button says "stop" now; the keys mean the statement as it stands.
      if (event.submitter) return;
    }
    const fields = new FormData(form, event.submitter);
    const statement = String(fields.get("sql") ?? "");
    if (form !== this.form) this.editor.replace(statement);
    if (fields.get("act") !== "plan" && statement.trim()) this.ran(statement.trim());
    void this.send(fields);
  }

  private async send(fields: FormData): Promise<void> {
    const part = await this.ask(fields);
    if (part === undefined) return;
    this.place.innerHTML = part;
    this.dress();
    this.place.querySelector<HTMLElement>("[data-result]")?.focus({ preventScroll: true });
    // The statement stays in view, unless the answer would not be.
    const { top } = this.place.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.7) this.place.scrollIntoView({ block: "start" });
  }

  /** The answer as markup of ours, or nothing when it was stopped. */
  private async ask(fields: FormData): Promise<string | undefined> {
    const running = new AbortController();
    this.running = running;
    this.busy(true);
    try {
      const body = new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { "x-part": "answer" }, signal: running.signal });
      // A session that has ended answers with the login page; the reader goes there and comes back.
      if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload();
      if (!answer.headers.has("x-part")) throw new Error(String(answer.status));
      return await answer.text();
    } catch (error) {
      if (this.running !== running) return undefined;
      const text = running.signal.aborted ? word("stopped") : word("unreachable");
      const note = document.createElement("p");
      note.className = "state";
      note.setAttribute("role", "status");
      note.textContent = text;
      if (!running.signal.aborted) console.warn(error);
      this.place.replaceChildren(note);
      return undefined;
    } finally {
      if (this.running === running) {
        this.running = undefined;
        this.busy(false);
      }
    }
  }

  private busy(busy: boolean): void {
    const button = this.form.querySelector<HTMLButtonElement>("button[value=run]");
    const label = button?.querySelector("span") ?? button;
    if (label) label.textContent = word(busy ? "stop" : "run");
    this.form.toggleAttribute("data-busy", busy);
    this.place.setAttribute("aria-busy", String(busy));
  }

  /** Tabs and marks for the answer that stands on the page. */
  dress(): void {
    const fault = this.place.querySelector<HTMLElement>("[data-line]");
    this.editor.mark(fault ? markOf(fault) : undefined);
    const parts = [...this.place.querySelectorAll<HTMLElement>("[data-tab]")];
    if (parts.length > 1) this.tabs(parts);
  }

  private tabs(parts: HTMLElement[]): void {
    const list = document.createElement("div");
    list.className = "tabs";
    list.setAttribute("role", "tablist");
    const buttons = parts.map((part, at) => {
      const button = document.createElement("button");
      const heading = part.querySelector("h2");
      button.type = "button";
      button.id = `sql-tab-${at}`;
      button.textContent = heading?.textContent ?? "";
      button.setAttribute("role", "tab");
      part.id ||= `sql-part-${at}`;
      button.setAttribute("aria-controls", part.id);
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-labelledby", button.id);
      heading?.classList.add("vh");
      return button;
    });
    const choose = (chosen: number): void => {
      parts.forEach((part, at) => {
        part.hidden = at !== chosen;
        buttons[at]?.setAttribute("aria-selected", String(at === chosen));
        if (buttons[at]) buttons[at].tabIndex = at === chosen ? 0 : -1;
      });
      const later = parts[chosen]?.querySelector<HTMLElement>("[data-later]");
      if (later) void this.later(later);
    };
    buttons.forEach((button, at) => {
      button.addEventListener("click", () => choose(at));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = (at + step + buttons.length) % buttons.length;
        choose(next);
        buttons[next]?.focus();
      });
    });
    list.append(...buttons);
    parts[0]?.before(list);
    choose(0);
  }

  /** Fetches a part that is only made when it is looked at: the plan of the statement that was run. */
  private async later(part: HTMLElement): Promise<void> {
    const act = part.dataset.later;
    delete part.dataset.later;
    if (!act) return;
    const fields = new FormData(this.form);
    fields.set("act", act);
    fields.set("sql", this.place.querySelector<HTMLTextAreaElement>("[data-asked]")?.value ?? this.editor.value);
    const body = new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
    part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { "x-part": "answer" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      part.replaceChildren(...page.querySelectorAll("[data-plan], .sql-error"));
    } catch {
      part.textContent = word("unreachable");
    }
    part.removeAttribute("aria-busy");
  }
}

function markOf(element: HTMLElement): Mark {
  const number = (name: string): number => Number(element.dataset[name] ?? 0);
  return { line: number("line"), column: number("column"), length: number("length"), message: element.dataset.message ?? "" };
}
