import type { CellReference, PeopleState } from "../protocol.js";

export interface Execution {
  readonly execution: string;
  readonly cell: CellReference;
  readonly source: string;
  /** As in the request "execute". */
  readonly file?: string;
  readonly debug?: true;
  readonly people?: PeopleState;
  /** The queue goes on after an error of it. */
  readonly mayFail?: boolean;
}
