import type { SearchDelta } from "../../search/record.js";
import type { WireError, WireItem } from "../../kernel/protocol.js";

/** How a cell ended. `error` may be one that was allowed. */
export type CellOutcome = "ok" | "error" | "interrupted" | "timeout" | "crashed" | "skipped";

export interface CellResult {
  readonly cell: string;
  /** From 1, counting all cells. */
  readonly number: number;
  readonly outcome: CellOutcome;
  /** It failed, and was allowed to. */
  readonly allowed: boolean;
  readonly milliseconds: number;
  readonly error?: WireError;
}

/** What happens during a run, in order; `--events` writes one line of JSON for each but `progress`. */
export type RunEvent =
  | { readonly type: "run-started"; readonly notebook: string; readonly cells: number }
  | { readonly type: "cell-started"; readonly cell: string; readonly number: number; readonly count: number }
  | {
      readonly type: "stream";
      readonly cell: string;
      readonly name: "stdout" | "stderr";
      readonly text: string;
    }
  | {
      readonly type: "display";
      readonly cell: string;
      readonly display: string;
      readonly items: readonly WireItem[];
    }
  | { readonly type: "update"; readonly display: string; readonly items: readonly WireItem[] }
  /** What the kernel itself says, native code's output included. */
  | { readonly type: "log"; readonly text: string }
  | { readonly type: "progress"; readonly delta: SearchDelta }
  | ({ readonly type: "cell-ended" } & CellResult)
  | { readonly type: "run-ended"; readonly outcome: CellOutcome; readonly milliseconds: number };

export type RunListener = (event: RunEvent) => void;
