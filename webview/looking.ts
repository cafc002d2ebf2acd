import type { Look } from "../src/kernel/protocol.js";
import type { Atlas } from "./atlas.js";
import type { CandidateRecord } from "../src/search/record.js";
import { filmOf } from "./state/film.js";
import { shown, type ViewState } from "./state/reduce.js";

/** A reader who runs through candidates asks for those that he stops at. */
const STOPS = 120;
const MOST = 64;

/** Asks for the pictures that are in sight and not there, each of them once. */
export class Looking {
  private readonly asked = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: (looks: readonly Look[]) => void,
    private readonly atlas: Atlas,
  ) {}

  /** `inSight`: whose pictures at the cursor's level are to be seen. */
  update(state: ViewState, inSight: () => readonly CandidateRecord[]): void {
    clearTimeout(this.timer);
    if (state.link !== "live") {
      // A kernel that comes back is asked again.
      this.asked.clear();
      return;
    }
    this.timer = setTimeout(() => this.flush(state, inSight()), STOPS);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private flush(state: ViewState, inSight: readonly CandidateRecord[]): void {
    const looks: Look[] = [];
    for (const look of wanted(state, inSight)) {
      const name = nameOf(look);
      if (looks.length === MOST || this.atlas.has(name) || this.asked.has(name)) continue;
      this.asked.add(name);
      looks.push(look);
    }
    if (looks.length > 0) this.ask(looks);
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
    for (const one of [...inSight, ...(beside ? [beside] : [])])
      if (one.level <= cursor) looks.push({ candidate: one.id, level: cursor });
  }
  return looks;
}

const nameOf = ({ candidate, level }: Look): string => `${candidate}@${level ?? "full"}`;
