// The editor itself: CodeMirror with SQL, the city's tables, and marks under what is wrong.
import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { HighlightStyle, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { byTitle, schema } from "./complete";
import type { Mark } from "./sql-editor";
import { tables } from "./tables";
import { word } from "./words";

interface Options {
  text: string;
  label: string;
  /** Where the tables are told. */
  tables: string;
  changed: (text: string) => void;
  run: () => void;
}

// Colours come from the page's own tokens, so that they follow its modes.
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--water)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--jade)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber)" },
  { tag: tags.comment, color: "var(--quiet)" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--place-5)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "inherit", fontSize: "inherit" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono, ui-monospace, monospace)", lineHeight: "1.6", minHeight: "12rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "currentColor", padding: "0.6rem 0" },
  ".cm-cursor": { borderLeftColor: "currentColor", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--quiet)", border: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--shade-1)" },
  ".cm-matchingBracket": { backgroundColor: "var(--shade-1)", color: "inherit" },
  ".cm-placeholder": { color: "var(--quiet)" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "inherit", border: "1px solid var(--rule)", borderRadius: "6px", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono, ui-monospace, monospace)", maxHeight: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.25rem 0.6rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--water)", color: "var(--sheet)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.8", marginLeft: "0.8em" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--vermilion-fill) 2px", textUnderlineOffset: "4px" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--vermilion-fill)" },
});

export class Editor {
  private readonly view: EditorView;

  constructor(root: ShadowRoot, options: Options) {
    const language = new Compartment();
    const run = (view: EditorView): boolean => {
      closeCompletion(view);
      options.run();
      return true;
    };
    const runKeys = Prec.highest(keymap.of([{ key: "Mod-Enter", run }]));
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: options.text,
        extensions: [
          runKeys,
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          // Tab leaves the editor, so that nobody is caught in it by the keyboard.
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          language.of(sql({ dialect: PostgreSQL })),
          syntaxHighlighting(colours),
          look,
          placeholder("SELECT …"),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false", autocapitalize: "off", "aria-keyshortcuts": "Control+Enter" }),
          EditorState.phrases.of({ Completions: word("completions"), Diagnostics: word("mistakes") }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) options.changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    if (options.tables) {
      void tables(options.tables).then((known) => {
        const support = sql({ dialect: PostgreSQL, schema: schema(known), defaultSchema: "standard" });
        const titles = PostgreSQL.language.data.of({ autocomplete: byTitle(known) });
        this.view.dispatch({ effects: language.reconfigure([support, titles]) });
      });
    }
  }

  focus(): void {
    this.view.focus();
  }

  replace(text: string): void {
    const { length } = this.view.state.doc;
    this.view.dispatch({ changes: { from: 0, to: length, insert: text }, selection: { anchor: text.length } });
  }

  insert(text: string): void {
    this.view.dispatch(this.view.state.replaceSelection(text), { scrollIntoView: true });
  }

  mark(mark: Mark | undefined): void {
    const { doc } = this.view.state;
    if (!mark || mark.line < 1 || mark.line > doc.lines) {
      this.view.dispatch(setDiagnostics(this.view.state, []));
      return;
    }
    const line = doc.line(mark.line);
    // Columns count characters; the document counts UTF-16 units.
    const units = (characters: number): number => [...line.text].slice(0, Math.max(0, characters)).join("").length;
    const from = Math.min(line.from + units(mark.column - 1), line.to);
    const to = Math.min(line.from + units(mark.column - 1 + Math.max(1, mark.length)), doc.length);
    this.view.dispatch(setDiagnostics(this.view.state, [{ from: Math.min(from, to), to, severity: "error", message: mark.message }]));
    this.view.dispatch({ selection: { anchor: Math.min(from, to) }, scrollIntoView: true });
  }
}
