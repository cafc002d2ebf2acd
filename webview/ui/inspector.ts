import type { ViewEvent, ViewRequest } from "../../src/kernel/protocol.js";
import type { SearchOutput } from "../../src/search/record.js";
import { h } from "../dom.js";
import { RecordError } from "../state/recordError.js";
import { initialState } from "../state/reduce.js";
import { SearchView } from "../view.js";
import { inspectorControls } from "./controls.js";

/** What the editor sends beside the events of a view: the saved output that the panel begins with. */
type Message = ViewEvent | { readonly type: "open"; readonly output: SearchOutput };

declare function acquireVsCodeApi(): {
  postMessage(message: ViewRequest | { readonly type: "opened" }): void;
};

const vscode = acquireVsCodeApi();
let view: SearchView | undefined;

addEventListener("message", ({ data }: MessageEvent<Message>) => {
  try {
    if (data.type === "open") open(data.output);
    else if (data.type !== "looked") view?.dispatch(data);
  } catch (error) {
    if (!view)
      document.body.replaceChildren(h("p", {}, error instanceof RecordError ? error.message : String(error)));
    else console.error("A message to the inspector could not be read.", error);
  }
});
vscode.postMessage({ type: "opened" });

function open(output: SearchOutput): void {
  if (view) return view.dispatch({ type: "output", output });
  const state = initialState(output, "asking");
  const { run } = state;
  let asked = 0;
  const ask = (): void => {
    asked = Date.now();
    vscode.postMessage({ type: "ready", run });
  };
  view = new SearchView(state, {
    home: "panel",
    controls: inspectorControls,
    act: (action) => vscode.postMessage({ type: "search", run, action }),
    look: (looks) => vscode.postMessage({ type: "look", run, looks }),
    others: (runs) => vscode.postMessage({ type: "others", run, runs }),
    write: (request) => vscode.postMessage(request),
    changed: ({ stale }) => {
      if (stale && Date.now() - asked > 2000) ask();
    },
  });
  document.body.replaceChildren(view.element);
  view.draw();
  ask();
}
