import type { SearchAction, ViewEvent } from "../../src/kernel/protocol.js";
import type { CandidateId } from "../../src/search/record.js";
import type { Measure } from "../axis.js";
import type { Span } from "../zoom.js";
import type { Filter } from "./filter.js";
import type { Columns, ViewName } from "./reduce.js";

/** What the kernel says, what the notebook does and what the reader does: all that a view's state comes from. */
export type Happening =
  | Exclude<ViewEvent, { readonly type: "looked" }>
  /** The notebook renders the (new) saved output of the same run. */
  | { readonly type: "output"; readonly output: unknown }
  /** No answer to `ready` within a while. */
  | { readonly type: "silence" }
  | { readonly type: "act"; readonly action: SearchAction["kind"] }
  | { readonly type: "select"; readonly id: CandidateId | undefined }
  | { readonly type: "hover"; readonly id: CandidateId | undefined }
  | { readonly type: "compare"; readonly id: CandidateId | undefined }
  | { readonly type: "enlarge"; readonly on: boolean }
  | { readonly type: "view"; readonly view: ViewName }
  | { readonly type: "measure"; readonly measure: Measure }
  | { readonly type: "log"; readonly on: boolean }
  | { readonly type: "columns"; readonly columns: Columns }
  | { readonly type: "colour"; readonly verifier: string }
  | { readonly type: "overlay"; readonly run: string; readonly on: boolean }
  | { readonly type: "zoom"; readonly span: Span | undefined }
  | { readonly type: "cursor"; readonly level: number | undefined }
  | { readonly type: "filter"; readonly filter: Partial<Filter> };
