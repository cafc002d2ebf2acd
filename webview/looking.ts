import type { Look } from "../src/kernel/protocol.js";
import type { Atlas } from "./atlas.js";
import type { CandidateRecord } from "../src/search/record.js";
import { filmOf } from "./state/film.js";
import { shown, type ViewState } from "./state/reduce.js";

/** Milliseconds. A reader who runs through candidates or levels asks for those that he stops at. */
const STOPS = 120;
/** In one request: it is answered as a whole, and pictures come one after the other. */
const TOGETHER = 16;
/** On their way at any time, as many as come in a second: who moves on does not wait for what was asked for before, nor does a kernel go on with it. */
const [FEWEST, MOST] = [4, 32];
const SECOND = 1000;
/** Milliseconds after which nobody will answer. */
const PATIENCE = 60_000;

interface Request {
  readonly names: readonly string[];
  readonly since: number;
}

/** Asks for the pictures that are in sight and not there: those that matter first, a few at a time, none of them twice. */
export class Looking {
  /** Not answered yet. */
  private requests: readonly Request[] = [];
  /** Were asked for and cannot be had. */
  private readonly missing = new Set<string>();
  private most = TOGETHER;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Infinity;
  private stop: readonly unknown[] = [];

  constructor(
    private readonly ask: (looks: readonly Look[]) => void,
    private readonly atlas: Atlas,
  ) {}

  /** `inSight`: whose pictures at the cursor's level are to be seen. */
  update(state: ViewState, inSight: () => readonly CandidateRecord[]): void {
    if (state.link !== "live") {
      // A kernel that comes back is asked again.
      this.dispose();
      this.requests = [];
      this.missing.clear();
      return;
    }
    const { cursor, compared, enlarged, zoom, view, columns, filter } = state;
    const stop = [shown(state)?.id, cursor, compared, enlarged, zoom, view, columns, filter];
    // A search that grows is drawn often: only what the reader does puts it off.
    if (stop.some((value, i) => value !== this.stop[i])) this.dispose();
    this.stop = stop;
    this.soon(STOPS, () => this.flush(state, inSight));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.due = Infinity;
  }

  /** Unless it is sooner already. */
  private soon(wait: number, work: () => void): void {
    const due = performance.now() + wait;
    if (this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.due = Infinity;
      work();
    }, wait);
  }

  private flush(state: ViewState, inSight: () => readonly CandidateRecord[]): void {
    const since = performance.now();
    this.requests = this.requests.filter((request) => !this.isOver(request, since));
    const awaited = new Set(this.requests.flatMap(({ names }) => names));
    const looks = new Map<string, Look>();
    for (const look of wanted(state, inSight())) {
      const name = nameOf(look);
      if (!this.atlas.has(name) && !awaited.has(name) && !this.missing.has(name)) looks.set(name, look);
    }
    const next = [...looks].slice(0, Math.max(0, this.most - awaited.size));
    for (let i = 0; i < next.length; i += TOGETHER) {
      const part = next.slice(i, i + TOGETHER);
      this.requests = [...this.requests, { names: part.map(([name]) => name), since }];
      this.ask(part.map(([, look]) => look));
    }
    // An answer draws anew, and that asks on; one that does not come must not be the end of it.
    if (looks.size > next.length) this.soon(PATIENCE, () => this.flush(state, inSight));
  }

  /** Answered, in which case what is not there cannot be had, or never to be. */
  private isOver({ names, since }: Request, now: number): boolean {
    const came = names.some((name) => this.atlas.has(name));
    if (!came && now - since < PATIENCE) return false;
    for (const name of names) if (!this.atlas.has(name)) this.missing.add(name);
    const perSecond = (names.length * SECOND) / (now - since);
    if (came) this.most = Math.min(MOST, Math.max(FEWEST, Math.round(perSecond)));
    return true;
  }
}

/** The film of the shown candidate, that one whole if it lies large over the plots, and at the cursor's level those that are in sight and who is compared. */
function wanted(state: ViewState, inSight: readonly CandidateRecord[]): Look[] {
  const { cursor, model, compared, enlarged } = state;
  const candidate = shown(state);
  const film = candidate && filmOf(state, candidate);
  const looks: Look[] = (film?.frames ?? []).flatMap(({ candidate: { id }, level, picture }) =>
    level === undefined || picture === id ? [] : [{ candidate: id, level }],
  );
  if (enlarged && cursor === undefined && candidate && candidate.status !== "failed")
    looks.unshift({ candidate: candidate.id });
  if (cursor !== undefined) {
    const beside = compared === undefined ? undefined : model.byId.get(compared);
    for (const one of [...(beside ? [beside] : []), ...inSight])
      if (one.level <= cursor && one.status !== "failed") looks.push({ candidate: one.id, level: cursor });
  }
  return looks;
}

const nameOf = ({ candidate, level }: Look): string => `${candidate}@${level ?? "full"}`;
