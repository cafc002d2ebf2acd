/** Of a core, what drawing a live search may take, with what the browser does to put it on the screen. */
const SHARE = 0.03;
/** Milliseconds: nobody waits longer for what is new. */
const LONGEST = 1500;

/**
 * When a search that grows is drawn again: after a wait in proportion to how long drawing took, so that following it takes a small share of
 * a core whatever its size. What a reader does is not held up by it.
 */
export class Pace {
  private last = 0;
  private took = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame: number | undefined;

  constructor(private readonly draw: () => void) {}

  /** With the next frame. */
  next(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  /** What waits for the next frame is drawn at once. */
  flush(): void {
    if (this.frame === undefined) return;
    cancelAnimationFrame(this.frame);
    this.draw();
  }

  /** Within LONGEST; calls in between are one. */
  soon(): void {
    if (this.timer !== undefined) return;
    const wait = Math.min(LONGEST, this.took / SHARE);
    this.timer = setTimeout(() => this.next(), Math.max(0, this.last + wait - performance.now()));
  }

  cancel(): void {
    clearTimeout(this.timer);
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.timer = this.frame = undefined;
  }

  /** `work` runs at once; it has taken as long as the frame that it is drawn in. */
  time(work: () => void): void {
    this.frame = undefined;
    const started = performance.now();
    work();
    this.last = performance.now();
    // In a frame, what comes after it comes when layout and paint are done.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      this.last = performance.now();
      const took = this.last - started;
      // One slow frame (a first one, or a machine that is busy elsewhere) does not stand for all.
      this.took = this.took === 0 ? took : 0.7 * this.took + 0.3 * took;
    };
    port2.postMessage(undefined);
  }
}
