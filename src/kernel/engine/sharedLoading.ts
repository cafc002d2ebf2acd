import { InputError } from "../../search/index.js";
import type { Loading } from "../../search/onnx/loading.js";
import { abortable } from "../../search/run/abortable.js";
import type { Lodger, MemoryRoom } from "./memoryRoom.js";

/** Bytes of the files that are loaded, and of all. */
export type Progress = (done: number, total: number) => void;

/** Who waits for something that is loaded. */
export interface Waiting {
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** What of it lies in the runtime's memory. */
export interface Movable {
  readonly bytes: number;
  readonly isLoaded: boolean;
  /** Gives the memory back; false if a call is under way. */
  evict(): Promise<boolean>;
}

/** What the one loading tells, for all who wait for it. */
export interface Hooks<M> extends Required<Pick<Loading, "signal" | "progress" | "makeRoom">> {
  /** Gets what lies in the runtime's memory. */
  readonly loaded: (memory: M) => void;
}

export interface SharedLoadingParts<T, M extends Movable> {
  readonly room: MemoryRoom;
  readonly load: (hooks: Hooks<M>) => Promise<T>;
  readonly isBusy: (memory: M) => boolean;
  /** Gives its memory back, if it does not only leave it. */
  readonly leave?: (memory: M) => Promise<boolean>;
  /** It failed, or nobody waits for it any more: it was never loaded. */
  readonly forget: () => void;
  /** It got on. */
  readonly changed?: () => void;
}

/**
 * Something that is loaded once for all who ask for it. They are told how far it is; the last one that gives up takes the loading with it. It shares its
 * memory with what else is in the `room`.
 */
export class SharedLoading<T, M extends Movable> implements Lodger {
  readonly result: Promise<T>;
  /** Since it is loaded. */
  memory: M | undefined;
  used: number;
  readonly #parts: SharedLoadingParts<T, M>;
  readonly #cancel = new AbortController();
  readonly #progress = new Set<Progress>();
  #waiting = 0;
  /** Bytes that its first loading is about to take; until then 0. */
  #coming = 0;

  constructor(parts: SharedLoadingParts<T, M>) {
    const { room, load, changed } = parts;
    this.#parts = parts;
    this.used = room.now();
    room.enter(this);
    this.result = load({
      signal: this.#cancel.signal,
      progress: (done, total) => {
        for (const hear of this.#progress) hear(done, total);
        changed?.();
      },
      makeRoom: (bytes) => {
        this.#coming = bytes;
        return room.make(bytes, this);
      },
      loaded: (memory) => (this.memory = memory),
    });
    this.result
      .then(
        // Of several that were loaded at a time none could give way to another.
        () => room.make(this.bytes, this),
        () => this.#forget(),
      )
      // What cannot leave stays.
      .catch(() => undefined);
  }

  get bytes(): number {
    const { memory } = this;
    return !memory ? this.#coming : memory.isLoaded ? memory.bytes : 0;
  }

  get isIdle(): boolean {
    return this.memory?.isLoaded === true && !this.#parts.isBusy(this.memory);
  }

  async leave(): Promise<boolean> {
    const { memory } = this;
    if (!memory) return false;
    return this.#parts.leave ? this.#parts.leave(memory) : memory.evict();
  }

  /** Rejects with the signal's reason as soon as it is aborted. */
  async wait({ signal, progress }: Waiting): Promise<T> {
    this.#waiting++;
    this.touch();
    if (progress) this.#progress.add(progress);
    try {
      return await abortable(this.result, signal, () => undefined);
    } catch (error) {
      if (this.#waiting === 1 && !this.memory) this.#forget();
      throw error;
    } finally {
      this.#waiting--;
      if (progress) this.#progress.delete(progress);
    }
  }

  /** It was used now. */
  touch(): void {
    this.used = this.#parts.room.now();
  }

  #forget(): void {
    this.#parts.room.gone(this);
    this.#cancel.abort(new InputError("The loading was cancelled."));
    this.#parts.forget();
  }
}
