/** What is loaded, or about to be, and may have to leave. */
export interface Lodger {
  /** In memory, or on the way there. */
  readonly bytes: number;
  /** It is in memory, and no call is under way. */
  readonly isIdle: boolean;
  /** The larger, the later it was used: of `MemoryRoom.now`. */
  readonly used: number;
  /** Gives its memory back; false if it cannot now. */
  leave(): Promise<boolean>;
}

/** The memory that models and verifiers share. Beyond its limit those that are idle leave it, the one used longest ago first. */
export class MemoryRoom {
  readonly #lodgers = new Set<Lodger>();
  #clock = 0;

  /** `limit`: bytes that may be loaded at a time; what is in use stays even above it. `changed`: something left. */
  constructor(
    readonly limit: number,
    private readonly changed: () => void = () => undefined,
  ) {}

  /** A later time than all before. */
  now(): number {
    return ++this.#clock;
  }

  enter(lodger: Lodger): void {
    this.#lodgers.add(lodger);
  }

  gone(lodger: Lodger): void {
    this.#lodgers.delete(lodger);
  }

  /** Puts what is idle out of memory until the `bytes` of `coming` are within the limit, with those of all others. */
  async make(bytes: number, coming: Lodger): Promise<void> {
    for (;;) {
      const others = [...this.#lodgers].filter((lodger) => lodger !== coming);
      const held = others.reduce((sum, lodger) => sum + lodger.bytes, 0);
      const [oldest] = others.filter(({ isIdle }) => isIdle).sort((a, b) => a.used - b.used);
      if (held + bytes <= this.limit || !oldest || !(await oldest.leave())) return;
      this.changed();
    }
  }
}
