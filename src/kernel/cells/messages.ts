import type { MessagePort } from "node:worker_threads";
import type {
  CellReference,
  KernelEvent,
  Look,
  PeopleState,
  ReplyResult,
  SearchAction,
  WireError,
} from "../protocol.js";
import type { FileUse } from "../control/staleCells.js";
import type { Outcome } from "../control/notebookState.js";

/** What a cells worker starts with. Nothing of it stays within reach of a cell. */
export interface CellsWorkerData {
  readonly control: MessagePort;
  readonly compiler: MessagePort;
  /** Int32: see `SHARED`. */
  readonly shared: SharedArrayBuffer;
  /** Of judges behind an address, by name. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Words in the memory shared with the control thread, which must reach cells that never return to their event loop. */
export const SHARED = {
  /** 0, the sequence number of the execution to interrupt, `ANY` or `FLUSH`. */
  interrupt: 0,
  /** Counted up by the worker's event loop. */
  beat: 1,
  /** 1 while printed text waits in the worker. */
  printed: 2,
  words: 3,
} as const;

/** Interrupts whatever runs, also work that outlived its cell. */
export const ANY = -1;

/** Interrupts nothing: text has waited long enough, and the cell has not let a timer fire. */
export const FLUSH = -2;

export type ToCells =
  | { readonly type: "assign"; readonly notebook: string; readonly directory: string }
  | EvaluateCell
  | { readonly type: "interrupt" }
  /** The answer to "engine". */
  | { readonly type: "engine"; readonly port: MessagePort }
  | { readonly type: "search"; readonly id: number; readonly run: string; readonly action: SearchAction }
  | { readonly type: "look"; readonly id: number; readonly run: string; readonly looks: readonly Look[] }
  | { readonly type: "snapshot"; readonly id: number; readonly run: string }
  | { readonly type: "variables"; readonly id: number; readonly question: VariableQuestion }
  | { readonly type: "debugReady" }
  /** The answer to an "input" event. */
  | { readonly type: "input"; readonly question: string; readonly text?: string };

/** What the Variables view asks of the notebook's variables. */
export type VariableQuestion =
  { readonly kind: "list" } | { readonly kind: "text" | "forget"; readonly name: string };

export interface EvaluateCell {
  readonly type: "evaluate";
  readonly execution: string;
  /** Counts the executions of this worker, from 1. */
  readonly sequence: number;
  readonly cell: CellReference;
  readonly code: string;
  readonly map: string;
  /** Names of the variables that it declares, as the code calls them. */
  readonly declared: readonly string[];
  /** As in the request "execute". */
  readonly file?: string;
  readonly debug?: true;
  readonly people?: PeopleState;
}

export type FromCells =
  | { readonly type: "ready" }
  | {
      readonly type: "ended";
      readonly execution: string;
      readonly outcome: Outcome;
      readonly error?: WireError;
      /** Of the workspace, that the cell imported, and what they imported. */
      readonly files?: readonly FileUse[];
    }
  | { readonly type: "event"; readonly event: CellEvent }
  /** Asks for a port to the engine worker. */
  | { readonly type: "engine" }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer };

export type Answer =
  { readonly ok: true; readonly result: ReplyResult } | { readonly ok: false; readonly error: WireError };

/** The events that begin in a cell; the control thread adds the notebook. */
export type CellEvent =
  | Unaddressed<"stream">
  | Unaddressed<"display">
  | Unaddressed<"update">
  | Unaddressed<"delta">
  | Unaddressed<"input">
  | Extract<KernelEvent, { type: "log" }>;

type Unaddressed<T extends KernelEvent["type"]> = Omit<Extract<KernelEvent, { type: T }>, "notebook">;
