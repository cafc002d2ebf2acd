import {
  DeltaSource,
  drawAtlas,
  drawWhole,
  encodePng,
  type Image,
  type SearchRun,
} from "../../search/index.js";
import { MIME, type Look, type ReplyResult, type SearchAction, type WireItem } from "../protocol.js";
import type { CellExecution } from "./cellExecution.js";
import { contactSheet } from "./contactSheet.js";
import { describeRun } from "./describeRun.js";
import { pngItem } from "./imageFormats.js";
import { runItems } from "./runFormat.js";
import type { CellEvent } from "./messages.js";

/** Ten deltas a second. */
const DELTA_INTERVAL = 100;
const SHEET_CANDIDATES = 64;

/** One displayed search: its view is told of each change while it happens, and its saved output when it comes to rest. */
export class LiveRun {
  readonly #source: DeltaSource;
  #timer: NodeJS.Timeout | undefined;
  /** Changed since the output was last brought up to date. */
  #stale = true;
  #updating: Promise<void> | undefined;
  /** Came into sight by itself in this execution: when its cell shows it as well, it is there already. */
  #shownBy: CellExecution | undefined;

  constructor(
    readonly run: SearchRun,
    /** The latest that displayed it. */
    public execution: CellExecution,
    private readonly send: (event: CellEvent) => void,
    /** While a cell runs, its end brings the output up to date. */
    private readonly isCellRunning: () => boolean,
  ) {
    this.#source = new DeltaSource(run, encodePng, () => this.#changed());
  }

  /** Its place among the outputs is taken at once; pictures follow when the engine has given them. */
  display(execution: CellExecution): void {
    const isThere = this.#shownBy === execution;
    this.#shownBy = undefined;
    this.execution = execution;
    this.#stale = true;
    if (isThere) return;
    this.send({ type: "display", execution: execution.id, display: this.run.id, items: runItems(this.run) });
  }

  shownBy(execution: CellExecution): void {
    this.#shownBy = execution;
  }

  /** Ends when the output shows what the run is now. */
  async refresh(): Promise<void> {
    while (this.#stale) await (this.#updating ??= this.#update().finally(() => (this.#updating = undefined)));
  }

  async snapshot(): Promise<ReplyResult> {
    return { type: "snapshot", ...(await this.#source.snapshot()) };
  }

  /** What cannot be shown is left out: a look changes nothing and breaks nothing. */
  async look(looks: readonly Look[]): Promise<ReplyResult> {
    const asked = new Map<string, Look[]>();
    for (const one of looks) asked.set(one.candidate, [...(asked.get(one.candidate) ?? []), one]);
    const found = await Promise.all([...asked.values()].map((levels) => this.#seen(levels)));
    const pictures = found.flat();
    const small = drawAtlas(
      pictures.filter(({ full }) => !full),
      encodePng,
    );
    const whole = pictures.filter(({ full }) => full).flatMap((one) => drawAtlas([one], encodePng, 1024));
    return { type: "look", atlas: [...small, ...whole] };
  }

  /** Of one candidate. From the last level of its way to the first: those above are predicted on the way to one below. */
  async #seen(looks: readonly Look[]): Promise<{ id: string; image: Image; full: boolean }[]> {
    const found = [];
    for (const { candidate, level } of looks.toSorted((a, b) => (a.level ?? 0) - (b.level ?? 0))) {
      try {
        const image =
          level === undefined
            ? await this.run.candidate(candidate).image()
            : await this.run.preview(candidate, level);
        found.push({ id: `${candidate}@${level ?? "full"}`, image, full: level === undefined });
      } catch {
        // Left out.
      }
    }
    return found;
  }

  /** Ends when what the action began has come to rest. */
  async act(action: SearchAction): Promise<void> {
    switch (action.kind) {
      case "step":
        await this.run.step(action.rounds);
        break;
      case "run":
        await this.run.run();
        break;
      case "pause":
        this.run.pause();
        break;
      case "stop":
        this.run.stop();
        break;
      case "pick":
        this.run.pick(action);
    }
    if (!this.isCellRunning()) await this.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#source.dispose();
  }

  #changed(): void {
    this.#stale = true;
    this.#timer ??= setTimeout(() => void this.#flush(), DELTA_INTERVAL);
  }

  async #flush(): Promise<void> {
    // What changes from here on is not in this delta: it needs another one.
    this.#timer = undefined;
    try {
      const delta = await this.#source.take();
      if (delta) this.send({ type: "delta", delta });
      if (this.run.state !== "running" && !this.isCellRunning()) await this.refresh();
    } catch (error) {
      this.send({
        type: "log",
        level: "warning",
        text: `The view of ${this.run.id} misses a change: ${String(error)}`,
      });
    }
  }

  async #update(): Promise<void> {
    this.#stale = false;
    const { output } = await this.#source.snapshot();
    const sheet = await this.#sheet();
    const { best } = this.run;
    const whole = best?.decoded ? drawWhole({ id: best.id, image: await best.image() }, encodePng) : [];
    const items: WireItem[] = [
      { mime: MIME.search, json: { ...output, atlas: [...output.atlas, ...whole] } },
      ...(sheet ? [pngItem(sheet)] : []),
      { mime: MIME.plain, text: describeRun(output.record) },
    ];
    this.send({ type: "update", display: this.run.id, items });
  }

  /** The first candidates and the best one, as a picture. */
  async #sheet(): Promise<Image | undefined> {
    const { best } = this.run;
    const decoded = this.run.candidates.filter((candidate) => candidate.decoded);
    const shown = decoded.slice(0, SHEET_CANDIDATES);
    if (best?.decoded && !shown.some(({ id }) => id === best.id)) shown[SHEET_CANDIDATES - 1] = best;
    const images = await Promise.all(shown.map((candidate) => candidate.image()));
    return contactSheet(
      images,
      shown.findIndex(({ id }) => id === best?.id),
    );
  }
}
