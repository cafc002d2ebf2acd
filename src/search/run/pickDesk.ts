import { InputError } from "../inputError.js";
import type { Clock, People } from "../environment.js";
import type { CandidateId, PickRecord, QuestionRecord } from "../record.js";
import type { EngineAnswer } from "./engineCall.js";
import type { SearchRun } from "./searchRun.js";

/** What a person answers: groups of equals, best first, and who is taken out. */
export interface Pick {
  /** Of the question that is answered; a late answer to an earlier one is refused. */
  readonly question: number;
  readonly order: readonly (readonly CandidateId[])[];
  readonly dropped?: readonly CandidateId[];
}

const WITHDRAWN: EngineAnswer = { results: [], milliseconds: 0, withdrawn: true };

/** Where a run waits for a person: one question at a time. Picks that were recorded before answer at once. */
export class PickDesk {
  question: QuestionRecord | undefined;
  #answer: ((answer: EngineAnswer) => void) | undefined;
  #waited = 0;
  #since = 0;

  constructor(
    private readonly run: SearchRun,
    private readonly clock: Clock,
    private readonly people: People | undefined,
    /** The question has changed. */
    private readonly tell: () => void,
  ) {}

  /** Time in which it was a person's turn: no compute. */
  get milliseconds(): number {
    return this.#waited + (this.question ? this.clock.now() - this.#since : 0);
  }

  /** Ends with the pick, or withdrawn by `withdraw` or the signal. Rejects where there is nobody to ask. */
  async ask(question: QuestionRecord, signal: AbortSignal): Promise<EngineAnswer> {
    const known = this.people?.recorded(this.run.id).find((pick) => isAbout(pick, question));
    if (known) return { results: [], milliseconds: 0, cached: true, pick: known };
    if (signal.aborted) return WITHDRAWN;
    if (this.people && !this.people.show(this.run)) throw new InputError(nobodyHere(question));
    this.#since = this.clock.now();
    this.question = question;
    const abort = (): void => this.withdraw();
    signal.addEventListener("abort", abort);
    const answer = new Promise<EngineAnswer>((resolve) => (this.#answer = resolve));
    this.tell();
    return answer.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Throws for what is no answer to the question. */
  pick({ question: number, order, dropped = [] }: Pick): void {
    const { question } = this;
    if (!question)
      throw new InputError(`The search ${this.run.id} waits for no pick: it is ${this.run.state}.`);
    if (number !== question.number) {
      throw new InputError(
        `Question ${number} is not open any more: the search asks question ${question.number}.`,
      );
    }
    checkPick(question, order, dropped);
    const { verifier, round, candidates } = question;
    this.#end({ results: [], milliseconds: 0, pick: { verifier, round, candidates, order, dropped } });
  }

  /** The run does not wait any more; who goes on with it asks the same again. */
  withdraw(): void {
    if (this.question) this.#end(WITHDRAWN);
  }

  #end(answer: EngineAnswer): void {
    this.#waited = this.milliseconds;
    this.question = undefined;
    this.#answer?.(answer);
    this.tell();
  }
}

function isAbout(pick: PickRecord, { verifier, round, candidates }: QuestionRecord): boolean {
  return pick.verifier === verifier && pick.round === round && pick.candidates.join() === candidates.join();
}

function checkPick(
  { candidates }: QuestionRecord,
  order: readonly (readonly CandidateId[])[],
  dropped: readonly CandidateId[],
): void {
  const named = [...order.flat(), ...dropped];
  const stranger = named.find((id) => !candidates.includes(id));
  if (stranger !== undefined)
    throw new InputError(`Candidate ${stranger} is not among those that are to be picked from.`);
  if (new Set(named).size < named.length) throw new InputError("A candidate stands twice in the pick.");
  if (named.length === 0)
    throw new InputError("Nothing is picked: name the best, a ranking, or who is dropped.");
}

function nobodyHere({ candidates, round, text }: QuestionRecord): string {
  const asked = text === undefined ? "" : ` (“${text}”)`;
  return (
    `human() asks a person to pick among ${candidates.length} candidates of round ${round}${asked}, and there is nobody here. ` +
    "Open the notebook in VS Code, run the cell, pick in its view and save: the picks are kept in the cell's output, and dnb run takes them from there."
  );
}
