import type { PartReport, TriedDevice } from "../search/engine/deviceReport.js";
import type { AtlasChunk, PickRecord, SearchDelta, SearchOutput, RunStatus } from "../search/record.js";

/**
 * Everything that crosses the pipe between a client (the editor, `dnb run`) and the kernel's control thread: length-prefixed frames
 * (uint32 little endian, then that many bytes of UTF-8 JSON). Both sides parse what they receive (`parseRequest`, `parseEvent`).
 */
export const PROTOCOL = 1;

// ---------------------------------------------------------------------------------------------------- client to kernel

/** Answered by exactly one `reply` event with the same `id`. */
export type Request = { readonly id: number } & RequestBody;

export type RequestBody =
  /** `token`: of a kernel that listens; it hears nobody who does not have it. */
  | { readonly type: "hello"; readonly protocol: number; readonly token?: string }
  /** Control thread only: its answer proves that the kernel is responsive, whatever cells and engine do. */
  | { readonly type: "ping" }
  /** Makes (or finds) the cells of a notebook. `directory`: absolute path that relative imports and files resolve against. */
  | {
      readonly type: "open";
      readonly notebook: NotebookId;
      readonly directory: string;
      /** From the window that has it. Without this a notebook that another window has is refused, with an error named "InUse". */
      readonly takeOver?: boolean;
    }
  | { readonly type: "close"; readonly notebook: NotebookId }
  /** Replied to at its end; what it shows arrives as events before that. One at a time per notebook, further ones wait in order. */
  | {
      readonly type: "execute";
      readonly notebook: NotebookId;
      readonly execution: string;
      readonly cell: CellReference;
      readonly source: string;
      /** Whom `human()` may ask; absent: nobody, and nothing was answered before. */
      readonly people?: PeopleState;
      /** Path as which a debugger knows the cell, whether or not there is such a file now. */
      readonly file?: string;
      /** The cell begins after "debugReady", or some seconds later: a debugger binds breakpoints only once it has read the cell's source map. */
      readonly debug?: true;
      /** An error of this cell does not cancel those that wait behind it. */
      readonly mayFail?: boolean;
    }
  /** The reply of an execution that a client before this one asked for: see the event "missed". */
  | { readonly type: "await"; readonly notebook: NotebookId; readonly execution: string }
  /** The running cell ends as interrupted; waiting ones are cancelled. */
  | { readonly type: "interrupt"; readonly notebook: NotebookId }
  /** New variables, same models. */
  | { readonly type: "restart"; readonly notebook: NotebookId }
  /** Replied to when what it began has come to rest and the cell's output is up to date, also a `run` that was paused or stopped. */
  | {
      readonly type: "search";
      readonly notebook: NotebookId;
      readonly run: string;
      readonly action: SearchAction;
    }
  | { readonly type: "snapshot"; readonly notebook: NotebookId; readonly run: string }
  /** To an `input` event; without a text: dismissed. */
  | {
      readonly type: "answer";
      readonly notebook: NotebookId;
      readonly question: string;
      readonly text?: string;
    }
  /** Pictures that are not in the atlas. Computed if need be; what that costs is the session's, not the search's. */
  | {
      readonly type: "look";
      readonly notebook: NotebookId;
      readonly run: string;
      readonly looks: readonly Look[];
    }
  /** What the cells have declared. Answered when the notebook's thread lets an event through, so perhaps only after the running cell. */
  | { readonly type: "variables"; readonly notebook: NotebookId }
  /** "text": the whole value, to be copied. "forget": the value is let go and the name leaves the list. */
  | {
      readonly type: "variable";
      readonly notebook: NotebookId;
      readonly name: string;
      readonly action: "text" | "forget";
    }
  /** Opens the inspector's port, on 127.0.0.1 alone, or closes it. To be closed only when no debugger is connected. */
  | { readonly type: "debug"; readonly on: boolean }
  /** Breakpoints of the cell that is being debugged are bound: it may begin. */
  | { readonly type: "debugReady"; readonly notebook: NotebookId }
  /** Tries the machine's devices, in about a second, and opens a model: a name or an absolute path, by default an embedded one. */
  | { readonly type: "diagnose"; readonly model?: string }
  /** With what this kernel computes; answered at once. */
  | { readonly type: "environment" }
  | { readonly type: "shutdown" };

/** A notebook's URI as a string, or its path in `dnb run`. */
export type NotebookId = string;

export interface CellReference {
  readonly id: string;
  /** From 1, as shown to the reader: "Cell 3". */
  readonly number: number;
}

/** A candidate's picture, at most 64 of them in a request. */
export interface Look {
  readonly candidate: string;
  /** Its preview (x0-prediction) on the way there; absent: as it ended, at full size. */
  readonly level?: number;
}

/** A variable as a list of them shows it. Nothing of the cell's own code is run to find this out, not even a getter. */
export interface VariableState {
  readonly name: string;
  /** As in TypeScript where that is known: "number[]", "Float32Array", "Session". */
  readonly type: string;
  /** Shape ("2 × 3"), or number of elements, entries or characters; absent where there is none. */
  readonly size?: string;
  /** One line, at most 200 characters. */
  readonly preview: string;
  /** The cell that declared it last. */
  readonly cell: CellReference;
}

/** The persons before the notebook. */
export interface PeopleState {
  /** Somebody looks at the views. */
  readonly canAsk: boolean;
  /** What the notebook's outputs held when Run was pressed, by run. */
  readonly picks: RecordedPicks;
  /** Searches that go on where they were saved: rounds after which each halts, by run. */
  readonly holds?: Readonly<Record<string, number>>;
}

export type RecordedPicks = Readonly<Record<string, readonly PickRecord[]>>;

export type SearchAction =
  | { readonly kind: "step"; readonly rounds: number }
  | { readonly kind: "run" }
  | { readonly kind: "pause" }
  | { readonly kind: "stop" }
  /** Answers the question of a run that waits: groups of equals, best first; `dropped` leave the search. */
  | {
      readonly kind: "pick";
      readonly question: number;
      readonly order: readonly (readonly string[])[];
      readonly dropped: readonly string[];
    };

// ---------------------------------------------------------------------------------------------------- kernel to client

export type KernelEvent =
  | { readonly type: "reply"; readonly id: number; readonly ok: true; readonly result: ReplyResult }
  | { readonly type: "reply"; readonly id: number; readonly ok: false; readonly error: WireError }
  | { readonly type: "started"; readonly notebook: NotebookId; readonly execution: string }
  | {
      readonly type: "stream";
      readonly notebook: NotebookId;
      readonly execution: string;
      readonly name: "stdout" | "stderr";
      readonly text: string;
    }
  /** A new output under the cell; `display` is its handle for later `update`s (a search's is its run id). */
  | {
      readonly type: "display";
      readonly notebook: NotebookId;
      readonly execution: string;
      readonly display: string;
      readonly items: readonly WireItem[];
    }
  /** Replaces what `display` shows, in every cell that shows it; may come long after its execution has ended. */
  | {
      readonly type: "update";
      readonly notebook: NotebookId;
      readonly display: string;
      readonly items: readonly WireItem[];
    }
  /** A cell asks the person before the notebook; the client's `answer` is for the same `question`. */
  | {
      readonly type: "input";
      readonly notebook: NotebookId;
      readonly execution: string;
      readonly question: string;
      readonly prompt: string;
      /** What to begin with. */
      readonly value?: string;
      /** Not to be shown while it is typed. */
      readonly secret?: boolean;
    }
  /** The cells whose inputs have been made anew since they ran: all of them, whenever that changes. */
  | { readonly type: "stale"; readonly notebook: NotebookId; readonly cells: readonly StaleCell[] }
  /** For live views, at most ten a second for each run. */
  | { readonly type: "delta"; readonly notebook: NotebookId; readonly delta: SearchDelta }
  /** To a client that opens a notebook which went on without one: what it has to show, in order. Their ends are asked for by "await". */
  | {
      readonly type: "missed";
      readonly notebook: NotebookId;
      readonly executions: readonly {
        readonly execution: string;
        readonly cell: CellReference;
        readonly source: string;
        /** When it began, in milliseconds since 1970; absent while it waits. */
        readonly started?: number;
      }[];
      readonly events: readonly Extract<
        KernelEvent,
        { readonly type: "started" | "stream" | "display" | "update" | "input" }
      >[];
      /** The last run of each cell whose end was heard. */
      readonly finished: readonly FinishedRun[];
      /** How many of the oldest events were too many to keep. */
      readonly dropped: number;
    }
  /** Another window runs the notebook from now on. */
  | { readonly type: "taken"; readonly notebook: NotebookId }
  /** Every second; `busy` = a cell runs and has not yielded to its event loop since the last one. */
  | {
      readonly type: "heartbeat";
      readonly rss: number;
      readonly notebooks: readonly {
        readonly notebook: NotebookId;
        readonly state: "idle" | "running" | "busy";
      }[];
      /** What the engine has loaded, for all notebooks of this kernel. */
      readonly models: readonly ModelState[];
    }
  | { readonly type: "log"; readonly level: "info" | "warning" | "error"; readonly text: string };

export interface FinishedRun {
  readonly execution: string;
  readonly cell: CellReference;
  /** What ran. */
  readonly source: string;
  /** In milliseconds since 1970. */
  readonly ended: number;
  readonly outputs: readonly FinishedOutput[];
}

/** `items` and `text` are absent where they were too much to keep. */
export type FinishedOutput =
  | { readonly display: string; readonly items?: readonly WireItem[] }
  | { readonly stream: "stdout" | "stderr"; readonly text?: string }
  | { readonly error: WireError };

export interface StaleCell {
  readonly cell: string;
  /** A sentence. */
  readonly reason: string;
}

/** A model as the kernel's engine has it. */
export interface ModelState {
  readonly name: string;
  /** What it really runs on, once that is known: "cpu", "webgpu", "cuda", "dml" or "coreml". */
  readonly device?: string;
  /** Of its files. */
  readonly bytes?: number;
  /** "away": out of memory until the next call. */
  readonly state: "loading" | "loaded" | "away";
  /** Open sessions. */
  readonly users: number;
}

/** What the kernel finds of the machine that it runs on: the body of `dnb doctor`. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  /** Version of onnxruntime. */
  readonly runtime: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeBytes: number;
  readonly adapters: readonly {
    readonly name: string;
    readonly memoryBytes?: number;
    readonly driver?: string;
  }[];
  /** Best first, as "auto" tries them, then those of other machines. */
  readonly devices: readonly DeviceDiagnosis[];
  /** Of the embedded model; empty when there is none. */
  readonly threads: readonly { readonly threads: number; readonly milliseconds: number }[];
  readonly bestThreads: number;
  /** Where a session of the model runs, by a profiled call of each graph; absent where none is asked for and none is embedded. */
  readonly model?: {
    readonly name: string;
    readonly provider: string;
    /** The denoiser first. */
    readonly parts: readonly PartReport[];
    readonly tried: readonly TriedDevice[];
  };
}

export interface DeviceDiagnosis {
  readonly device: string;
  readonly works: boolean;
  /** Of a small computation there and back; of a device that works. */
  readonly milliseconds?: number;
  /** Why it does not work, or what is to be known of it. */
  readonly reason?: string;
  /** What to do so that it works. */
  readonly advice?: string;
}

export type ReplyResult =
  | {
      readonly type: "hello";
      readonly protocol: number;
      readonly pid: number;
      readonly node: string;
      readonly version: string;
      /** Those that it knows. */
      readonly notebooks: readonly NotebookId[];
    }
  | {
      readonly type: "executed";
      readonly outcome: "ok" | "error" | "interrupted" | "cancelled";
      readonly error?: WireError;
    }
  | {
      readonly type: "snapshot";
      readonly output: SearchOutput;
      readonly sequence: number;
      readonly status: RunStatus;
    }
  /** Tiles are named "candidate@level" as asked, or "candidate@full"; what cannot be had is left out. */
  | { readonly type: "look"; readonly atlas: readonly AtlasChunk[] }
  /** In the order of their declarations. */
  | { readonly type: "variables"; readonly variables: readonly VariableState[] }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "debugging"; readonly port: number }
  | { readonly type: "diagnosis"; readonly diagnosis: Diagnosis }
  /** Versions of the tool, Node and the runtime, the platform and its processor, and the devices that models ran on; empty before the first model. */
  | { readonly type: "environment"; readonly environment: Readonly<Record<string, string>> }
  | { readonly type: "done" };

export interface WireError {
  readonly name: string;
  /** What happened, and what to do next. */
  readonly message: string;
  /** Frames as a person reads them, e.g. "    at inner (Cell 3:12:5)". */
  readonly stack?: string;
  /** Where in the cell's own source, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export type WireItem = { readonly mime: string } & (
  { readonly text: string } | { readonly json: unknown } | { readonly base64: string }
);

export const MIME = {
  search: "application/vnd.dnb.search+json",
  report: "application/vnd.dnb.report+json",
  samples: "application/vnd.dnb.samples+json",
  plain: "text/plain",
  html: "text/html",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
} as const;

/** What `MIME.samples` holds: images, the first 64 of them, with the seeds that they were made from. */
export interface SamplesOutput {
  readonly version: 1;
  /** Of all images. */
  readonly count: number;
  /** Of the first one, as it was made; tiles of the atlas may be smaller. */
  readonly size: readonly [width: number, height: number];
  /** In decimal digits, one for each tile: some have 64 bits. */
  readonly seeds?: readonly string[];
  readonly atlas: readonly AtlasChunk[];
}

// ---------------------------------------------------------------------------------------------------- renderer and editor

/** How a reader looks at a search: names are the view's own. */
export interface Looked {
  readonly view: string;
  readonly measure: string;
  readonly log: boolean;
  readonly columns: string;
  /** The verifier whose scores are the colours; absent: the searched one. */
  readonly colour?: string;
  readonly selected?: string;
}

/** What the renderer sends through the editor. The editor adds the notebook and relays; it does not look inside. */
export type ViewRequest =
  | { readonly type: "ready"; readonly run: string }
  | { readonly type: "search"; readonly run: string; readonly action: SearchAction }
  | { readonly type: "look"; readonly run: string; readonly looks: readonly Look[] }
  /** Opens the panel with all views side by side. */
  | { readonly type: "inspect"; readonly run: string }
  /** To be told again when the window is loaded anew. */
  | { readonly type: "looked"; readonly run: string; readonly looked: Looked }
  /** What other searches the notebook shows; of those in `runs`, by id, also their records. */
  | { readonly type: "others"; readonly run: string; readonly runs: readonly string[] }
  /** The editor writes the cell that does it, and runs it unless there is something to fill in. */
  | {
      readonly type: "write";
      readonly run: string;
      readonly kind: "fork" | "continue" | "pick" | "insert";
      readonly candidate: string;
      readonly compared?: string;
    };

export type ViewEvent =
  | {
      readonly type: "snapshot";
      readonly output: SearchOutput;
      readonly sequence: number;
      readonly status: RunStatus;
    }
  | { readonly type: "delta"; readonly delta: SearchDelta }
  | { readonly type: "look"; readonly run: string; readonly atlas: readonly AtlasChunk[] }
  | { readonly type: "looked"; readonly run: string; readonly looked: Looked }
  | {
      readonly type: "others";
      readonly run: string;
      /** In the order of their cells, which are counted from 1. */
      readonly known: readonly { readonly run: string; readonly cell: number; readonly algorithm: string }[];
      readonly outputs: readonly SearchOutput[];
    }
  /** No kernel, or it does not know the run: the view shows what is saved and says how to make it live. */
  | {
      readonly type: "gone";
      readonly run: string;
      readonly reason: string;
      /** Step and Run can bring it back: they run its cells, as far as it is saved, and go on. */
      readonly canContinue?: boolean;
    }
  /** An action failed; shown as one line in the view. */
  | { readonly type: "refused"; readonly run: string; readonly reason: string };
