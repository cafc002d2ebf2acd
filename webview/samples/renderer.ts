import type { ActivationFunction } from "vscode-notebook-renderer";
import { h } from "../dom.js";
import { SamplesView } from "./index.js";
import { SamplesError } from "./parseSamples.js";

/** Draws images and samples of a cell, in a notebook. It asks nothing of a kernel. */
export const activate: ActivationFunction = () => {
  const views = new Map<string, SamplesView>();
  const close = (id: string): void => {
    views.get(id)?.dispose();
    views.delete(id);
  };
  return {
    renderOutputItem(item, element) {
      close(item.id);
      try {
        const view = new SamplesView(item.json());
        views.set(item.id, view);
        element.replaceChildren(view.element);
      } catch (error) {
        const said =
          error instanceof SamplesError
            ? error.message
            : `These images cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
        element.replaceChildren(h("p", { class: "dnb-refused" }, said));
      }
    },
    disposeOutputItem(id) {
      for (const item of id === undefined ? [...views.keys()] : [id]) close(item);
    },
  };
};
