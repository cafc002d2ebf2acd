import { itemRenderer, reasonOf } from "../itemRenderer.js";
import { ReportView } from "./index.js";
import { ReportError } from "./parseReport.js";

/** Draws what `compare` found, in a notebook. It asks nothing of a kernel. */
export const activate = itemRenderer(
  (item) => new ReportView(item),
  (error) => reasonOf(error, ReportError, "This report"),
);
