import type { ImageData8 } from "../engine/engine.js";
import type { AtlasChunk, CandidateId, RunStatus, SearchDelta, SearchOutput } from "../record.js";
import { drawAtlas, type Thumbnail } from "./atlas.js";
import type { SearchRun } from "./searchRun.js";

/** Pixels to the bytes of a PNG file. */
export type EncodePng = (image: ImageData8) => Uint8Array;

/**
 * What a live view is told of a run: a snapshot, then deltas with sequence numbers that follow it without a gap. It collects what changes
 * and gives it when asked, so that the caller sets the pace. One source for each run; `dispose` ends it.
 */
export class DeltaSource {
  readonly #run: SearchRun;
  readonly #encode: EncodePng;
  readonly #candidates = new Set<CandidateId>();
  readonly #rounds = new Set<number>();
  readonly #drawn = new Set<CandidateId>();
  readonly #stopListening: () => void;
  #sequence = 0;
  #changed = false;
  /** One answer at a time: an answer waits for pixels, and numbers must not overtake each other. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(run: SearchRun, encode: EncodePng, onChange: () => void = () => undefined) {
    this.#run = run;
    this.#encode = encode;
    this.#stopListening = run.onChange((change) => {
      this.#changed = true;
      for (const id of change.candidates) this.#candidates.add(id);
      for (const index of change.rounds) this.#rounds.add(index);
      onChange();
    });
  }

  /** `rounds`: what is told about, by number. */
  #status(indices: readonly number[]): RunStatus {
    const { rounds } = this.#run;
    const ends = indices.map((index) => rounds[index - 1]!.ledger.milliseconds);
    return { milliseconds: this.#run.milliseconds, live: true, ends };
  }

  /** What has changed since the last delta; undefined if nothing has. */
  take(): Promise<SearchDelta | undefined> {
    return this.#inTurn(async () => {
      if (!this.#changed) return undefined;
      const ids = [...this.#candidates];
      const indices = [...this.#rounds];
      this.#changed = false;
      this.#candidates.clear();
      this.#rounds.clear();
      const head = this.#run.head();
      const status = this.#status(indices);
      const candidates = ids.map((id) => this.#run.candidate(id).toJSON());
      const atlas = await this.#atlas(ids.filter((id) => !this.#drawn.has(id)));
      for (const chunk of atlas) for (const id of chunk.ids) this.#drawn.add(id);
      return {
        run: this.#run.id,
        sequence: ++this.#sequence,
        head,
        candidates,
        rounds: indices.map((index) => this.#run.roundRecord(index)!),
        atlas,
        status,
      };
    });
  }

  /**
   * The whole run as a cell's output stores it, with one atlas: the same run gives the same bytes. The next delta has the number
   * `sequence` + 1; it may repeat what the snapshot has.
   */
  snapshot(): Promise<{ output: SearchOutput; sequence: number; status: RunStatus }> {
    return this.#inTurn(async () => {
      const record = this.#run.record();
      const sequence = this.#sequence;
      const status = this.#status(record.rounds.map(({ index }) => index));
      const atlas = await this.#atlas(record.candidates.map(({ id }) => id));
      return { output: { record, atlas }, sequence, status };
    });
  }

  dispose(): void {
    this.#stopListening();
  }

  async #atlas(ids: readonly CandidateId[]): Promise<AtlasChunk[]> {
    const decoded = ids.map((id) => this.#run.candidate(id)).filter((candidate) => candidate.decoded);
    const thumbnails: Thumbnail[] = [];
    for (const candidate of decoded) thumbnails.push({ id: candidate.id, image: await candidate.image() });
    return drawAtlas(thumbnails, this.#encode);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
