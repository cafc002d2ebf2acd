import { InputError } from "../inputError.js";
import { messageOf, wholeNumber } from "../check.js";
import type { Environment } from "../environment.js";
import { abortable } from "./abortable.js";
import type { Interpreter } from "./interpreter.js";
import type { PickDesk } from "./pickDesk.js";

/** Engine calls between two looks at the world. */
const BREATH = 64;

/**
 * Makes a search go: steps, runs, pauses and stops, one at a time and in the order of asking. Between two engine calls it can be paused,
 * and what is cut off by a stop is billed.
 */
export class Driver {
  readonly #interpreter: Interpreter;
  readonly #environment: Environment;
  readonly #tell: () => void;
  readonly #desk: PickDesk;
  readonly #abort = new AbortController();
  #error: unknown;
  #activeMilliseconds = 0;
  /** Set while it runs. */
  #activeSince: number | undefined;
  /** How often a pause was asked for: work that was asked for before the last one halts. */
  #pauses = 0;
  #stopAsked = false;
  /** Rounds after which it is paused, once. */
  #heldAt: number | undefined;
  /** The last `run`, until it settles, and the count of pauses when it was asked for. */
  #running: { readonly promise: Promise<void>; readonly asked: number } | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  /** `tell` is called after everything that changed something. */
  constructor(
    interpreter: (milliseconds: () => number) => Interpreter,
    environment: Environment,
    desk: PickDesk,
    tell: () => void,
    heldAt?: number,
  ) {
    this.#heldAt = heldAt;
    this.#environment = environment;
    this.#desk = desk;
    this.#tell = tell;
    this.#interpreter = interpreter(() => this.milliseconds);
  }

  get interpreter(): Interpreter {
    return this.#interpreter;
  }

  get isActive(): boolean {
    return this.#activeSince !== undefined;
  }

  get isOver(): boolean {
    return this.#interpreter.ending !== undefined;
  }

  get hasFailed(): boolean {
    return this.#interpreter.ending?.state === "failed";
  }

  /** Counts up with each `pause`. */
  get pauses(): number {
    return this.#pauses;
  }

  /** Time in which it ran; pauses do not count, nor does the time of a person who was asked. */
  get milliseconds(): number {
    return this.#elapsed - this.#desk.milliseconds;
  }

  get #elapsed(): number {
    const since = this.#activeSince;
    return this.#activeMilliseconds + (since === undefined ? 0 : this.#environment.clock.now() - since);
  }

  pause(): void {
    this.#pauses++;
    this.#desk.withdraw();
  }

  stop(): void {
    if (this.isOver || this.#stopAsked) return;
    this.#stopAsked = true;
    if (this.isActive) return this.#abort.abort();
    this.#interpreter.stop();
    this.#tell();
  }

  step(rounds: number): Promise<void> {
    return this.#interruptible(() => this.#step(rounds));
  }

  run(): Promise<void> {
    return this.#interruptible(() => this.#run());
  }

  /** Why no further round can be made. */
  whyNot(): unknown {
    const { ending } = this.#interpreter;
    if (this.hasFailed) return this.#error;
    if (this.#interpreter.suspended !== undefined) return new InputError(this.#interpreter.suspended);
    const what = ending?.state === "stopped" ? "was stopped" : "has finished";
    return new InputError(`The search ${what}, there is no further round. ${ending?.reason ?? ""}`.trim());
  }

  async #step(rounds: number): Promise<void> {
    const count = wholeNumber(rounds, "step: rounds", 1);
    const asked = this.#pauses;
    if (this.#running?.asked === asked) throw new InputError("The search is running. Pause it, then step.");
    return this.#enqueue(async () => {
      if (this.isOver) throw this.whyNot();
      if (this.#pauses !== asked) throw new InputError("The search was paused before this step.");
      const { log } = this.#interpreter.board;
      const before = log.rounds.length;
      await this.#drive(() => {
        const made = log.rounds.length - before;
        return made >= count || (made > 0 && this.#pauses !== asked && !log.isOpen);
      });
      if (log.rounds.length > before) return;
      if (this.isOver || this.#interpreter.suspended !== undefined) throw this.whyNot();
      throw new InputError(
        "The search was paused while it waited for a pick. Step or run to be asked again.",
      );
    });
  }

  async #run(): Promise<void> {
    if (this.hasFailed) throw this.whyNot();
    if (this.isOver) return;
    const asked = this.#pauses;
    // One that a pause is about to halt is not joined: what is asked for now goes on behind it.
    if (this.#running?.asked === asked) return this.#running.promise;
    const promise = this.#enqueue(() => this.#drive(() => this.#pauses !== asked)).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    const running = { promise, asked };
    this.#running = running;
    return promise;
  }

  /** One driver at a time, in the order of asking. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #interruptible<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#environment.signal?.();
    signal?.throwIfAborted();
    return abortable(work(), signal, () => this.pause());
  }

  #holdOnce(): void {
    const { log } = this.#interpreter.board;
    if (this.#heldAt === undefined || log.isOpen || log.rounds.length < this.#heldAt) return;
    this.#heldAt = undefined;
    this.#pauses++;
  }

  async #drive(done: () => boolean): Promise<void> {
    const halted = (): boolean => {
      this.#holdOnce();
      return done();
    };
    if (this.isOver || halted()) return;
    this.#activeSince = this.#environment.clock.now();
    this.#tell();
    try {
      for (let calls = 1; !this.isOver && !halted(); calls++) {
        const goesOn = await this.#interpreter.perform(this.#abort, () => this.#stopAsked);
        this.#tell();
        if (!goesOn) break;
        // An algorithm that asks for nothing that takes time must still let an interrupt in.
        if (calls % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await this.#interpreter.quiet();
      // Asked for after the last call.
      if (this.#stopAsked && !this.isOver) this.#interpreter.stop();
    } catch (error) {
      await this.#interpreter.quiet();
      this.#error = error;
      this.#interpreter.end("failed", messageOf(error));
      throw error;
    } finally {
      this.#activeMilliseconds = this.#elapsed;
      this.#activeSince = undefined;
      this.#tell();
    }
  }
}
