import type { ActivationFunction } from "vscode-notebook-renderer";
import { h } from "./dom.js";

export interface ItemView {
  readonly element: HTMLElement;
  /** Once it stands in the page and has a size. */
  draw?(): void;
  dispose(): void;
}

/**
 * A renderer of outputs that ask nothing of a kernel: one view for each item, gone with it. `open` throws where the item cannot be drawn;
 * `sayWhy` gives the sentence that stands in its place.
 */
export function itemRenderer(
  open: (item: unknown) => ItemView,
  sayWhy: (error: unknown) => string,
): ActivationFunction {
  return () => {
    const views = new Map<string, ItemView>();
    const close = (id: string): void => {
      views.get(id)?.dispose();
      views.delete(id);
    };
    return {
      renderOutputItem(item, element) {
        close(item.id);
        try {
          const view = open(item.json());
          views.set(item.id, view);
          element.replaceChildren(view.element);
          view.draw?.();
        } catch (error) {
          element.replaceChildren(h("p", { class: "dnb-refused" }, sayWhy(error)));
        }
      },
      disposeOutputItem(id) {
        for (const item of id === undefined ? [...views.keys()] : [id]) close(item);
      },
    };
  };
}

/** What our own parsers say, as it is; anything else as the reason why `what` cannot be drawn. */
export function reasonOf(
  error: unknown,
  ours: abstract new (...values: never[]) => Error,
  what: string,
): string {
  if (error instanceof ours) return error.message;
  return `${what} cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
}
