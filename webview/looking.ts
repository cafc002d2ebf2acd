import type { Look } from "../src/kernel/protocol.js";
import type { Atlas } from "./atlas.js";
import { galleryOf } from "./panel/gallery.js";
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

  update(state: ViewState): void {
    clearTimeout(this.timer);
    if (state.link !== "live") {
      // A kernel that comes back is asked again.
      this.asked.clear();
      return;
    }
    this.timer = setTimeout(() => this.flush(state), STOPS);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private flush(state: ViewState): void {
    const looks = wanted(state)
      .filter((look) => {
        const name = nameOf(look);
        return !this.atlas.has(name) && !this.asked.has(name);
      })
      .slice(0, MOST);
    for (const look of looks) this.asked.add(nameOf(look));
    if (looks.length > 0) this.ask(looks);
  }
}

/** The film of the shown candidate, that one whole if it lies large over the plots, and at the cursor's level the best of the gallery and who is compared. */
function wanted(state: ViewState): Look[] {
  const { cursor, model, view, compared, enlarged } = state;
  const candidate = shown(state);
  const film = candidate && filmOf(state, candidate);
  const looks: Look[] = (film?.frames ?? []).flatMap(({ candidate: { id }, level, picture }) =>
    level === undefined || picture === id ? [] : [{ candidate: id, level }],
  );
  if (enlarged && cursor === undefined && candidate && candidate.status !== "failed")
    looks.unshift({ candidate: candidate.id });
  if (cursor !== undefined) {
    const others = view === "gallery" ? galleryOf(state) : [];
    const beside = compared === undefined ? undefined : model.byId.get(compared);
    for (const one of [...others, ...(beside ? [beside] : [])])
      if (one.level <= cursor) looks.push({ candidate: one.id, level: cursor });
  }
  return looks;
}

const nameOf = ({ candidate, level }: Look): string => `${candidate}@${level ?? "full"}`;
