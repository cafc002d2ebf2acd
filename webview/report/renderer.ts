import type { ActivationFunction } from "vscode-notebook-renderer";
import { h } from "../dom.js";
import { ReportView } from "./index.js";
import { ReportError } from "./parseReport.js";

/** Draws what `compare` found, in a notebook. It asks nothing of a kernel. */
export const activate: ActivationFunction = () => {
  const views = new Map<string, ReportView>();
  const close = (id: string): void => {
    views.get(id)?.dispose();
    views.delete(id);
  };
  return {
    renderOutputItem(item, element) {
      close(item.id);
      try {
        const view = new ReportView(item.json());
        views.set(item.id, view);
        element.replaceChildren(view.element);
        view.draw();
      } catch (error) {
        const said =
          error instanceof ReportError
            ? error.message
            : `This report cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
        element.replaceChildren(h("p", { class: "dnb-refused" }, said));
      }
    },
    disposeOutputItem(id) {
      for (const item of id === undefined ? [...views.keys()] : [id]) close(item);
    },
  };
};
