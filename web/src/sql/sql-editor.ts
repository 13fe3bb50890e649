// <sql-editor>: dresses the textarea inside it as an editor. The textarea stays the form's field and keeps
// the text; without script, or should the editor fail to load, it is simply used as it is.
import type { Editor } from "./editor";

export interface Mark {
  /** 1-based; 0 when the place is unknown. */
  line: number;
  column: number;
  length: number;
  message: string;
}

export class SqlEditor extends HTMLElement {
  private editor: Editor | undefined;

  get area(): HTMLTextAreaElement {
    const area = this.querySelector("textarea");
    if (!area) throw new Error("<sql-editor> needs a textarea");
    return area;
  }

  get value(): string {
    return this.area.value;
  }

  connectedCallback(): void {
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.run();
      }
    });
    void this.dress();
  }

  private async dress(): Promise<void> {
    const { Editor } = await import("./editor");
    // Styles of the editor live in the shadow root as constructed sheets, which a strict policy allows.
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this.editor = new Editor(root, {
      text: this.area.value,
      label: this.area.labels[0]?.textContent?.trim() ?? "SQL",
      tables: this.getAttribute("tables") ?? "",
      changed: (text) => {
        this.area.value = text;
      },
      run: () => this.run(),
    });
    this.area.labels[0]?.addEventListener("click", () => this.editor?.focus());
    this.toggleAttribute("ready", true);
    const mark = this.dataset.mark;
    if (mark) this.mark(JSON.parse(mark) as Mark);
  }

  private run(): void {
    this.area.form?.requestSubmit();
  }

  replace(text: string): void {
    this.area.value = text;
    this.editor?.replace(text);
    this.focusText();
  }

  insert(text: string): void {
    if (this.editor) {
      this.editor.insert(text);
    } else {
      const { selectionStart, selectionEnd } = this.area;
      this.area.setRangeText(text, selectionStart, selectionEnd, "end");
    }
    this.focusText();
  }

  /** Underlines the word at fault, or nothing. */
  mark(mark: Mark | undefined): void {
    this.editor?.mark(mark);
  }

  private focusText(): void {
    if (this.editor) this.editor.focus();
    else this.area.focus();
  }
}
