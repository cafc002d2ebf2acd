import { captureStreams } from "./captureStreams.js";
import { currentExecution, Interrupted, type CellExecution } from "./cellExecution.js";
import { cellApi } from "./cellApi.js";
import { CompilerPort } from "./compilerPort.js";
import { describeError } from "./describeError.js";
import { Displays } from "./displays.js";
import { EnginePort } from "./enginePort.js";
import { Evaluator, type Ended } from "./evaluator.js";
import { imageFormats } from "./imageFormats.js";
import { Inputs } from "./inputs.js";
import { installKernelGlobal, installModuleNames } from "./installGlobals.js";
import { InterruptFlag } from "./interruptFlag.js";
import { liveSignal } from "./liveSignal.js";
import {
  SHARED,
  type Answer,
  type CellEvent,
  type CellsWorkerData,
  type EvaluateCell,
  type FromCells,
  type ToCells,
} from "./messages.js";
import type { FileUse } from "../control/staleCells.js";
import type { PeopleState } from "../protocol.js";
import { LiveRuns } from "./liveRuns.js";
import { formatOwn } from "./ownFormat.js";
import { formatTable } from "./tableFormat.js";
import { formatTensor } from "./tensorFormat.js";
import { ModuleLoader } from "./moduleLoader.js";
import { OutputBuffer } from "./outputBuffer.js";
import { formatProgress } from "./progress.js";
import { RequireFiles } from "./requireFiles.js";
import { Resources } from "./resources.js";
import { formatPlot } from "./plot.js";
import { reportFormat } from "./reportFormat.js";
import { runFormat } from "./runFormat.js";
import { RunNames } from "./runNames.js";
import { StackTraces } from "./stackTraces.js";
import { Variables } from "./variables.js";
import { WorkspaceModules } from "./workspaceModules.js";

const BEAT = 200;
/** What a debugger gets to read a cell's map and bind its breakpoints, before the cell begins without them. */
const DEBUGGER_PATIENCE = 10_000;
/** How long the end of a cell waits for the pictures of its searches; later ones still come, as updates. */
const PATIENT = 10_000;
const HURRIED = 300;

/** Puts the parts of a cells worker together and carries messages between them and the control thread. */
export class CellsWorker {
  readonly #words: Int32Array;
  readonly #output: OutputBuffer;
  readonly #traces = new StackTraces(__dirname, () => this.#loader.directory);
  readonly #flag: InterruptFlag;
  readonly #evaluator: Evaluator;
  readonly #resources = new Resources();
  readonly #names = new RunNames();
  readonly #runs: LiveRuns;
  readonly #engine: EnginePort;
  readonly #displays: Displays;
  readonly #inputs: Inputs;
  /** By execution, and then by path. */
  readonly #filesOf = new Map<string, Map<string, FileUse>>();
  readonly #loader: ModuleLoader;
  readonly #variables: Variables;
  #debugReady = (): void => undefined;
  #people: PeopleState = { canAsk: false, picks: {} };

  constructor(private readonly data: CellsWorkerData) {
    this.#words = new Int32Array(data.shared);
    this.#output = new OutputBuffer(
      (event) => this.#send({ type: "event", event }),
      (waits) => Atomics.store(this.#words, SHARED.printed, waits ? 1 : 0),
    );
    this.#flag = new InterruptFlag(this.#words, () => this.#output.flush());
    this.#evaluator = new Evaluator(this.#traces, this.#flag);
    this.#variables = new Variables(this.#evaluator);
    const latest = (): CellExecution | undefined => this.#evaluator.latest;
    this.#runs = new LiveRuns(this.#emit, () => this.#evaluator.isRunning, this.#traces);
    this.#displays = new Displays(
      this.#emit,
      this.#output,
      latest,
      [
        formatOwn,
        ...imageFormats,
        runFormat,
        formatPlot,
        reportFormat,
        formatProgress,
        formatTensor,
        formatTable,
      ],
      this.#runs.display,
    );
    this.#engine = new EnginePort(
      () => this.#send({ type: "engine" }),
      (text) => this.#output.write(latest(), "stderr", `${text}\n`),
    );
    this.#inputs = new Inputs(this.#emit, latest);
    const tell = (text: string): void =>
      this.#output.write(currentExecution.getStore() ?? latest(), "stderr", `${text}\n`);
    const imported = (files: readonly FileUse[]): void => {
      const execution = currentExecution.getStore();
      // What comes after the end of a cell is of no cell's run.
      if (!execution || execution.id !== latest()?.id || !this.#evaluator.isRunning) return;
      const known = this.#filesOf.get(execution.id) ?? new Map<string, FileUse>();
      for (const file of files) known.set(file.path, file);
      this.#filesOf.set(execution.id, known);
    };
    const compiler = new CompilerPort(data.compiler);
    const files = new RequireFiles(compiler.compileCommonJs, this.#traces, imported);
    const workspace = new WorkspaceModules({
      compile: compiler.compileModule,
      load: (specifier, directory) => this.#loader.load(specifier, directory),
      require: (path) => files.load(path),
      traces: this.#traces,
      imported,
    });
    const api = cellApi({
      engine: this.#engine,
      names: this.#names,
      directory: () => this.#loader.directory,
      display: this.#displays.display,
      input: this.#inputs.ask,
      signal: liveSignal(latest),
      tell,
      people: {
        recorded: (run) => (Object.hasOwn(this.#people.picks, run) ? this.#people.picks[run]! : []),
        show: (run) => {
          if (this.#people.canAsk) this.#runs.ensure(run, currentExecution.getStore() ?? latest());
          return this.#people.canAsk;
        },
      },
      heldAt: (run) => {
        const { holds = {} } = this.#people;
        return Object.hasOwn(holds, run) ? holds[run] : undefined;
      },
      keys: (name) => (Object.hasOwn(data.keys, name) ? data.keys[name] : process.env[name]),
    });
    this.#loader = new ModuleLoader(api, workspace, files);
  }

  start(): void {
    captureStreams(this.#output, () => this.#evaluator.latest);
    Error.prepareStackTrace = this.#traces.prepare;
    Error.stackTraceLimit = 30;
    for (const kind of ["uncaughtException", "unhandledRejection"] as const)
      process.on(kind, (error: unknown) =>
        // What a microtask throws has lost where it came from.
        this.#late(error, currentExecution.getStore() ?? this.#evaluator.latest),
      );
    process.on("exit", () => this.#output.flush());
    installKernelGlobal({
      flag: this.#flag,
      loader: this.#loader,
      displays: this.#displays,
      resources: this.#resources,
      evaluator: this.#evaluator,
      debugReady: this.#awaitDebugger,
    });
    setInterval(() => Atomics.add(this.#words, SHARED.beat, 1), BEAT).unref();
    this.data.control.on("message", (message: ToCells) => this.#receive(message));
    this.#send({ type: "ready" });
  }

  readonly #emit = (event: CellEvent): void => {
    this.#output.flush();
    this.#send({ type: "event", event });
  };

  #send(message: FromCells): void {
    this.data.control.postMessage(message);
  }

  #receive(message: ToCells): void {
    switch (message.type) {
      case "assign":
        this.#output.notebook = message.notebook;
        this.#loader.directory = message.directory;
        installModuleNames(this.#loader);
        return;
      case "evaluate":
        void this.#evaluate(message);
        return;
      case "interrupt":
        if (!this.#evaluator.isRunning) this.#runs.pause();
        return this.#evaluator.interrupt();
      case "engine":
        return this.#engine.connect(message.port);
      case "search":
        return void this.#answer(message.id, this.#runs.search(message.run, message.action));
      case "debugReady":
        return this.#debugReady();
      case "input":
        return this.#inputs.answer(message.question, message.text);
      case "look":
        return void this.#answer(message.id, this.#runs.look(message.run, message.looks));
      case "snapshot":
        return void this.#answer(message.id, this.#runs.snapshot(message.run));
      case "variables":
        return void this.#answer(message.id, Promise.resolve(this.#variables.answer(message.question)));
    }
  }

  async #evaluate(message: EvaluateCell): Promise<void> {
    const { execution } = message;
    let ended: Ended;
    try {
      ended = await this.#run(message);
    } catch (error) {
      // A cell may have broken what the kernel itself stands on; it ends all the same.
      const reason = error instanceof Error ? error.message : "unknown";
      const advice = "Restart the kernel if cells go on like this.";
      const what = { name: "KernelError", message: `The cell's end could not be told: ${reason}. ${advice}` };
      ended = { type: "ended", execution, outcome: "error", error: what };
    }
    const files = this.#filesOf.get(execution);
    this.#filesOf.delete(execution);
    this.#send({ ...ended, ...(files && { files: [...files.values()] }) });
  }

  async #run(message: EvaluateCell): Promise<Ended> {
    this.#names.release(message.cell.id);
    this.#variables.declare(message.declared, message.cell);
    this.#people = message.people ?? { canAsk: false, picks: {} };
    const ended = await this.#evaluator.evaluate(message, () => this.#release(message.cell.id));
    const patience = ended.outcome === "interrupted" ? HURRIED : PATIENT;
    await Promise.race([
      this.#runs.refresh(),
      new Promise((resolve) => setTimeout(resolve, patience).unref()),
    ]);
    const { latest } = this.#evaluator;
    if (latest?.id === message.execution) this.#output.finish(latest);
    this.#output.flush();
    return ended;
  }

  /** What an earlier run of the cell holds is let go; that this fails is no reason not to run. */
  async #release(cell: string): Promise<void> {
    try {
      await this.#resources.release(cell);
    } catch (error) {
      this.#late(error, currentExecution.getStore());
    }
  }

  async #answer(id: number, answer: Promise<Answer>): Promise<void> {
    this.#send({ type: "answer", id, answer: await answer });
  }

  /** What fails outside of the evaluation, in a timer or a promise that nobody awaits, is printed under the cell that began it. */
  #late(thrown: unknown, execution: CellExecution | undefined): void {
    if (thrown instanceof Interrupted) return;
    const { name, message, stack } = describeError(thrown, this.#traces);
    const text = `Uncaught ${name}: ${message}\n${stack ? `${stack}\n` : ""}`;
    this.#output.write(execution, "stderr", text);
  }

  readonly #awaitDebugger = (): Promise<void> =>
    new Promise<void>((resolve) => {
      this.#debugReady = resolve;
      setTimeout(resolve, DEBUGGER_PATIENCE).unref();
    });
}
