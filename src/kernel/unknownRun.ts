import type { WireError } from "./protocol.js";

/** The answer to a view whose search is not, or no longer, in a kernel. */
export const unknownRun = (run: string): { readonly ok: false; readonly error: WireError } => ({
  ok: false,
  error: {
    name: "UnknownRun",
    message: `The kernel does not know the search ${run}. Run the cell that makes it, and it is live again.`,
  },
});
