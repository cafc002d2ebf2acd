import type { SearchOutput } from "../src/search/record.js";
import { h } from "./dom.js";
import pageCss from "./page.css";
import { ReportView } from "./report/index.js";
import { ReportError } from "./report/parseReport.js";
import { RecordError } from "./state/recordError.js";
import { initialState } from "./state/reduce.js";
import { SearchView } from "./view.js";

let styled = false;

function style(): void {
  if (styled) return;
  const styles = new CSSStyleSheet();
  styles.replaceSync(pageCss);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];
  styled = true;
}

/** What a comparison found, in a page of its own. */
export function renderReport(element: HTMLElement, output: unknown): void {
  style();
  try {
    const view = new ReportView(output);
    element.replaceChildren(view.element);
    view.draw();
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    element.replaceChildren(h("p", {}, error.message));
  }
}

/** The same view in a page of its own: no kernel, nothing loaded, light or dark as the reader's system is. */
export function renderSearch(element: HTMLElement, output: SearchOutput): void {
  style();
  try {
    const view = new SearchView(initialState(output, "page"), {});
    element.replaceChildren(view.element);
    view.draw();
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    element.replaceChildren(h("p", {}, error.message));
  }
}
