// The SQL page's script: a better editor, answers without leaving the page, tabs, history, charts.
// The page works without any of it; forms then go to the server and come back whole.
import { Answer } from "./answer";
import { browse } from "./browse";
import { Past } from "./past";
import { ResultChart } from "./result-chart";
import { SqlEditor } from "./sql-editor";

customElements.define("sql-editor", SqlEditor);
customElements.define("result-chart", ResultChart);

const form = document.querySelector<HTMLFormElement>("#sql-form");
const editor = form?.querySelector<SqlEditor>("sql-editor");
const place = document.querySelector<HTMLElement>("#sql-answer");
if (form && editor && place) {
  const past = new Past(document.querySelector<HTMLElement>("#sql-past"), (statement) => editor.replace(statement));
  const answer = new Answer(form, editor, place, (statement) => past.add(statement));
  answer.dress();
  browse(document.querySelector<HTMLElement>("#sql-tables"), (text) => editor.insert(text));
  document.addEventListener("click", (event) => {
    const example = (event.target as Element).closest<HTMLElement>("[data-example]");
    if (!example) return;
    event.preventDefault();
    editor.replace(example.dataset.example ?? "");
  });
}
