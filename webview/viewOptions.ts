import type { Look, SearchAction, ViewRequest } from "../src/kernel/protocol.js";
import type { FilterControls } from "./panel/filterBar.js";
import type { Home } from "./stage.js";
import type { Filter } from "./state/filter.js";
import type { ViewState } from "./state/reduce.js";

export type WriteRequest = Extract<ViewRequest, { type: "write" }>;

export interface ViewOptions {
  /** Absent where there is no kernel to act. */
  readonly act?: (action: SearchAction) => void;
  readonly home?: Home;
  /** Controls of the filter other than the built-in ones; `clear` shows everything again. */
  readonly controls?: (filter: (filter: Partial<Filter>) => void, clear: () => void) => FilterControls;
  /** Opens the panel; absent where there is none. */
  readonly inspect?: () => void;
  /** Asks what other searches the notebook shows, and for the records of these; absent where nobody knows. */
  readonly others?: (runs: readonly string[]) => void;
  /** Has a cell written. */
  readonly write?: (request: WriteRequest) => void;
  /** Asks for pictures. */
  readonly look?: (looks: readonly Look[]) => void;
  /** After each change of state, e.g. to ask for a snapshot or to keep the selection. */
  readonly changed?: (state: ViewState) => void;
}
