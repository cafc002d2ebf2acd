import type { ActivationFunction } from "vscode-notebook-renderer";
import type { Looked, ViewEvent, ViewRequest } from "../src/kernel/protocol.js";
import { h } from "./dom.js";
import type { Happening } from "./state/happening.js";
import { FRESH, happeningsOf, lookedOf, sameLook } from "./state/looked.js";
import { RecordError } from "./state/recordError.js";
import { initialState, type ViewState } from "./state/reduce.js";
import { SearchView } from "./view.js";

/** Kept by VS Code while the window lives. */
interface Kept {
  /** By run. */
  readonly looks?: Readonly<Record<string, Looked>>;
}

/** No answer to `ready` for this long: nobody is there. */
const SILENCE = 3000;
/** A snapshot that was asked for and did not come is asked for again, at the next delta after this long. */
const PATIENCE = 2000;

export const activate: ActivationFunction<Kept> = (context) => {
  /** By output item: one run may be shown in two cells. */
  const views = new Map<string, SearchView>();
  const askedAt = new WeakMap<SearchView, number>();
  const post = context.postMessage && ((request: ViewRequest): void => context.postMessage!(request));

  const ask = (view: SearchView): void => {
    if (!post) return;
    askedAt.set(view, Date.now());
    post({ type: "ready", run: view.state.run });
    setTimeout(() => dispatch(view, { type: "silence" }), SILENCE);
  };

  const lookAt = (run: string): Looked | undefined => context.getState()?.looks?.[run];

  const keep = (state: ViewState): void => {
    const { run } = state;
    const looked = lookedOf(state);
    if (sameLook(lookAt(run) ?? FRESH, looked)) return;
    context.setState({ looks: { ...context.getState()?.looks, [run]: looked } });
    post?.({ type: "looked", run, looked });
  };

  const open = (output: unknown): SearchView => {
    const state = initialState(output, post ? "asking" : "gone");
    const view: SearchView = new SearchView(state, {
      act: (action) => post?.({ type: "search", run: view.state.run, action }),
      ...(post ? { inspect: () => post({ type: "inspect", run: view.state.run }) } : {}),
      write: (request) => post?.(request),
      look: (looks) => post?.({ type: "look", run: view.state.run, looks }),
      changed: keep,
    });
    for (const happening of happeningsOf(lookAt(state.run) ?? FRESH)) view.dispatch(happening);
    return view;
  };

  context.onDidReceiveMessage?.((message: unknown) => {
    const run = runOf(message);
    if (run === undefined) return;
    const known = lookAt(run);
    for (const view of views.values()) {
      if (view.state.run !== run) continue;
      // What the last window left counts until the reader does something in this one.
      const event = message as ViewEvent;
      if (event.type === "looked") {
        if (!known) for (const happening of happeningsOf(event.looked)) dispatch(view, happening);
        continue;
      }
      dispatch(view, event);
      if (view.state.stale && Date.now() - (askedAt.get(view) ?? 0) > PATIENCE) ask(view);
    }
  });

  return {
    renderOutputItem(item, element) {
      try {
        const output: unknown = item.json();
        let view = views.get(item.id);
        // The same item again is an update: DOM, selection and scroll position stay.
        if (view && view.state.run === initialState(output, "page").run)
          view.dispatch({ type: "output", output });
        else {
          view?.dispose();
          view = open(output);
          views.set(item.id, view);
        }
        if (view.element.parentElement !== element) element.replaceChildren(view.element);
        view.draw();
        ask(view);
      } catch (error) {
        element.replaceChildren(h("p", { class: "dnb-refused" }, sentence(error)));
      }
    },
    disposeOutputItem(id) {
      for (const [item, view] of [...views]) {
        if (id !== undefined && item !== id) continue;
        view.dispose();
        views.delete(item);
      }
    },
  };
};

/** A message that cannot be read is ignored: what is shown stays true. */
function dispatch(view: SearchView, happening: Happening): void {
  try {
    view.dispatch(happening);
  } catch (error) {
    console.error("A message to a search view could not be read.", error);
  }
}

/** The run that a message is about; undefined for anything that is no ViewEvent. */
function runOf(message: unknown): string | undefined {
  const event = message as {
    type?: unknown;
    run?: unknown;
    delta?: { run?: unknown };
    output?: { record?: { id?: unknown } };
  };
  const run =
    event?.type === "snapshot"
      ? event.output?.record?.id
      : event?.type === "delta"
        ? event.delta?.run
        : event?.type === "gone" ||
            event?.type === "refused" ||
            event?.type === "look" ||
            event?.type === "looked"
          ? event.run
          : undefined;
  return typeof run === "string" ? run : undefined;
}

function sentence(error: unknown): string {
  if (error instanceof RecordError) return error.message;
  return `This result cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
}
