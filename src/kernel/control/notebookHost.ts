import { NO_NAMES, type NotebookNames } from "../compiler/notebookNames.js";
import type { Answer, CellEvent, EvaluateCell, FromCells, VariableQuestion } from "../cells/messages.js";
import type { Look, NotebookId, SearchAction, StaleCell, WireError } from "../protocol.js";
import type { CellsPool } from "./cellsPool.js";
import type { CellsThread } from "./cellsThread.js";
import type { CompilerThread } from "./compilerThread.js";
import type { Execution } from "./execution.js";
import { stampOf } from "../fileStamp.js";
import { StaleCells, type CellRun } from "./staleCells.js";
import {
  IDLE,
  reduceNotebook,
  withLoss,
  type NotebookEffect,
  type NotebookInput,
  type NotebookState,
  type Outcome,
} from "./notebookState.js";

/** How long a cell has to end by itself after an interrupt, before its thread is ended. */
const INTERRUPT_GRACE = 1500;
const OUTPUT_INTERVAL = 50;

export interface NotebookHostEvents {
  readonly event: (notebook: NotebookId, event: CellEvent) => void;
  readonly started: (notebook: NotebookId, execution: string) => void;
  readonly stale: (notebook: NotebookId, cells: readonly StaleCell[]) => void;
  readonly beforeEvaluate: (host: NotebookHost) => void;
  readonly connectEngine: (thread: CellsThread) => void;
}

export interface Ending {
  readonly outcome: Outcome;
  readonly error?: WireError;
}

/** Carries out what `reduceNotebook` decides for one notebook. */
export class NotebookHost {
  #state: NotebookState = IDLE;
  #thread: CellsThread | undefined;
  #names: NotebookNames = NO_NAMES;
  #compiled: Omit<EvaluateCell, "sequence"> | undefined;
  /** What the running cell declares and takes. */
  #exchange: Pick<CellRun, "defines" | "uses"> = { defines: [], uses: [] };
  #stale = new StaleCells();
  #told = "[]";
  #sequence = 0;
  #grace: NodeJS.Timeout | undefined;
  #output: NodeJS.Timeout | undefined;
  #nextQuestion = 1;
  #lastBeat = 0;
  readonly #endings = new Map<string, (ending: Ending) => void>();
  readonly #questions = new Map<number, (answer: Answer) => void>();

  constructor(
    readonly notebook: NotebookId,
    public directory: string,
    private readonly pool: CellsPool,
    private readonly compiler: CompilerThread,
    private readonly on: NotebookHostEvents,
  ) {
    this.#prepareThread();
  }

  get isRunning(): boolean {
    return this.#state.running !== undefined;
  }

  knows(execution: string): boolean {
    return this.#endings.has(execution);
  }

  /** Ends when the execution has ended, in whatever way. */
  execute(execution: Execution): Promise<Ending> {
    return new Promise((resolve) => {
      this.#endings.set(execution.execution, resolve);
      this.#input({ type: "execute", execution });
    });
  }

  interrupt(): void {
    this.#input({ type: "interrupt" });
  }

  async restart(): Promise<void> {
    this.#input({ type: "restart" });
    await this.#prepareThread().ready;
  }

  close(): void {
    this.#input({ type: "close" });
  }

  move(directory: string): void {
    this.directory = directory;
    this.#thread?.send({ type: "assign", notebook: this.notebook, directory });
  }

  search(run: string, action: SearchAction): Promise<Answer> {
    return this.#ask((id) => ({ type: "search", id, run, action }));
  }

  look(run: string, looks: readonly Look[]): Promise<Answer> {
    return this.#ask((id) => ({ type: "look", id, run, looks }));
  }

  /** To a question of a cell. */
  answer(question: string, text: string | undefined): void {
    this.#thread?.send({ type: "input", question, ...(text !== undefined && { text }) });
  }

  /** A debugger has bound its breakpoints. */
  debugReady(): void {
    this.#thread?.send({ type: "debugReady" });
  }

  snapshot(run: string): Promise<Answer> {
    return this.#ask((id) => ({ type: "snapshot", id, run }));
  }

  variables(question: VariableQuestion): Promise<Answer> {
    return this.#ask((id) => ({ type: "variables", id, question }));
  }

  /** "busy": a cell runs, and its event loop has not turned since the last call. */
  pulse(): "idle" | "running" | "busy" {
    const beat = this.#thread?.beat ?? 0;
    const turned = beat !== this.#lastBeat;
    this.#lastBeat = beat;
    return !this.isRunning ? "idle" : turned ? "running" : "busy";
  }

  /** Also at every heartbeat: files change without anybody's telling. */
  tellStale(): void {
    const cells = this.#stale.stale(stampOf);
    const text = JSON.stringify(cells);
    if (text === this.#told) return;
    this.#told = text;
    this.on.stale(this.notebook, cells);
  }

  #ask(question: (id: number) => Parameters<CellsThread["send"]>[0]): Promise<Answer> {
    return new Promise((resolve) => {
      const id = this.#nextQuestion++;
      this.#questions.set(id, resolve);
      this.#prepareThread().send(question(id));
    });
  }

  #input(input: NotebookInput): void {
    const [state, effects] = reduceNotebook(this.#state, input);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: NotebookEffect): void {
    switch (effect.type) {
      case "compile":
        this.on.started(this.notebook, effect.execution.execution);
        void this.#compile(effect.execution);
        return;
      case "evaluate": {
        this.on.beforeEvaluate(this);
        clearInterval(this.#output);
        this.#output = setInterval(() => this.#thread?.hurryOutput(), OUTPUT_INTERVAL);
        if (this.#compiled) this.#thread?.send({ ...this.#compiled, sequence: ++this.#sequence });
        return;
      }
      case "end": {
        // A cancelled one never ran: the timers are those of the one that does.
        if (effect.outcome !== "cancelled") {
          clearTimeout(this.#grace);
          clearInterval(this.#output);
        }
        const resolve = this.#endings.get(effect.execution);
        this.#endings.delete(effect.execution);
        resolve?.({ outcome: effect.outcome, ...(effect.error && { error: effect.error }) });
        return;
      }
      case "raiseInterrupt": {
        this.#thread?.interrupt(effect.execution === undefined ? undefined : this.#sequence);
        const { execution } = effect;
        if (execution !== undefined)
          this.#grace = setTimeout(
            () => this.#input({ type: "interruptExpired", execution }),
            INTERRUPT_GRACE,
          );
        return;
      }
      case "replaceWorker":
        // One that could not even start is tried again by the next cell, not at once.
        if (this.#dropThread()) this.#prepareThread();
        return;
      case "dropWorker":
        this.#dropThread();
        return;
    }
  }

  async #compile({ execution, source, cell, people, file, debug }: Execution): Promise<void> {
    const thread = this.#prepareThread();
    const compiled = await this.compiler.compile(source, this.#names);
    if (!compiled.ok) {
      const { message, line, column } = compiled.error;
      const error = {
        name: "SyntaxError",
        message,
        stack: `    at Cell ${cell.number}:${line}:${column}`,
        line,
        column,
      };
      return this.#input({ type: "ended", execution, outcome: "error", error });
    }
    try {
      await thread.ready;
    } catch (cause) {
      const error = { name: "KernelError", message: cause instanceof Error ? cause.message : String(cause) };
      return this.#input({ type: "ended", execution, outcome: "error", error });
    }
    // Interrupted or restarted meanwhile: the reducer has moved on, and so has the thread.
    if (this.#state.running?.execution !== execution || thread !== this.#thread) return;
    this.#names = compiled.names;
    const { code, map, declared, defines, uses } = compiled;
    this.#exchange = { defines, uses };
    this.#compiled = {
      type: "evaluate",
      execution,
      cell,
      code,
      map,
      declared,
      ...(file !== undefined && { file }),
      ...(debug && { debug }),
      ...(people && { people }),
    };
    this.#input({ type: "compiled", execution });
  }

  #prepareThread(): CellsThread {
    if (this.#thread && !this.#thread.isEnded) return this.#thread;
    const thread = this.pool.take();
    this.#thread = thread;
    this.#names = NO_NAMES;
    this.#sequence = 0;
    this.#stale = new StaleCells();
    this.tellStale();
    thread.attach({
      message: (message) => {
        if (thread === this.#thread) this.#receive(message, thread);
      },
      lost: (reason) => {
        if (thread !== this.#thread) return;
        this.#answerAll(reason);
        this.#input({ type: "workerLost", error: { name: "KernelError", message: withLoss(reason) } });
      },
      output: (text) => this.on.event(this.notebook, { type: "log", level: "info", text }),
    });
    thread.send({ type: "assign", notebook: this.notebook, directory: this.directory });
    return thread;
  }

  /** Whether there was a thread that worked. */
  #dropThread(): boolean {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#answerAll("The notebook's variables are gone: the kernel was restarted or the notebook closed.");
    void thread?.end();
    return thread?.hasStarted ?? false;
  }

  #receive(message: FromCells, thread: CellsThread): void {
    switch (message.type) {
      case "ready":
        return;
      case "event":
        return this.on.event(this.notebook, message.event);
      case "ended":
        if (this.#compiled?.execution === message.execution) {
          const { id, number } = this.#compiled.cell;
          this.#stale.ran({ cell: id, number, ...this.#exchange, files: message.files ?? [] });
          this.tellStale();
        }
        return this.#input(message);
      case "engine":
        return this.on.connectEngine(thread);
      case "answer":
        this.#questions.get(message.id)?.(message.answer);
        this.#questions.delete(message.id);
    }
  }

  #answerAll(message: string): void {
    for (const resolve of this.#questions.values())
      resolve({ ok: false, error: { name: "KernelError", message } });
    this.#questions.clear();
  }
}
