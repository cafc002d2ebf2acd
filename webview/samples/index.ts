import type { SamplesOutput } from "../../src/kernel/protocol.js";
import { Atlas } from "../atlas.js";
import { copyText } from "../copyText.js";
import { h, setAttribute, setText } from "../dom.js";
import { gridMove } from "../gridMove.js";
import { keepKeys } from "../keepKeys.js";
import { sheet } from "../sheet.js";
import { plural } from "../state/words.js";
import viewCss from "../view.css";
import { largestWithin, nextTimes, timesText } from "./magnify.js";
import { parseSamples } from "./parseSamples.js";
import samplesCss from "./samples.css";

/** CSS pixels: of a tile as it is first shown, of one that is as large as it gets, and of the one that is chosen. */
const TILE = 96;
const LARGEST = 512;
const CHOSEN = 264;
const COPIED = 1500;

/** Images side by side with the seeds they were made from: a press shows one large, another copies its seed. Drawn from the output alone. */
export class SamplesView {
  readonly element = h("div", { class: "dnb-samples" });
  readonly #samples: SamplesOutput;
  readonly #atlas: Atlas;
  readonly #ids: readonly string[];
  readonly #tiles: readonly HTMLElement[];
  readonly #grid = h("div", { class: "samples", role: "group", "aria-label": "Images" });
  readonly #chosen = h("aside", { class: "chosen", "aria-label": "Image, large", hidden: true });
  readonly #magnified = h("span", { class: "muted magnified" });
  readonly #smaller = h("button", { type: "button", class: "link", "aria-label": "Smaller" }, "−");
  readonly #larger = h("button", { type: "button", class: "link", "aria-label": "Larger" }, "+");
  readonly #said = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  #times: number;
  #at: number | undefined;

  /** `output`: as it was saved; what cannot be drawn is refused with an error in words. */
  constructor(output: unknown) {
    this.#samples = parseSamples(output);
    const { atlas, seeds, count, size } = this.#samples;
    // Each chunk names its tiles anew: told apart by their places.
    let before = 0;
    const chunks = atlas.map((chunk) => {
      const ids = chunk.ids.map((_, i) => String(before + i));
      before += ids.length;
      return { ...chunk, ids };
    });
    this.#ids = chunks.flatMap(({ ids }) => ids);
    this.#times = largestWithin(this.#side, TILE);
    this.#atlas = new Atlas(() => this.#paint());
    this.#atlas.update(chunks);
    this.#tiles = this.#ids.map((_, i) => this.#tile(i));
    this.#grid.append(...this.#tiles.map((tile, i) => h("figure", {}, tile, seeds && this.#seed(i))));
    this.#grid.addEventListener("keydown", (event) => this.#onKey(event));
    this.#smaller.addEventListener("click", () => this.#zoom(-1));
    this.#larger.addEventListener("click", () => this.#zoom(1));
    const rest = count - this.#ids.length;
    const words = [
      plural(count, "image"),
      `${size[0]} × ${size[1]}`,
      ...(rest > 0 ? [`first ${this.#ids.length}`] : []),
    ];
    const view = h(
      "section",
      { class: "view", "aria-label": "Images" },
      h(
        "header",
        { class: "samples-head" },
        h("span", { class: "muted" }, words.join(" · ")),
        this.#magnified,
        h(
          "span",
          { class: "zoom", role: "group", "aria-label": "Size of the images" },
          this.#smaller,
          this.#larger,
        ),
      ),
      h("div", { class: "sheet" }, this.#grid, this.#chosen),
      this.#said,
    );
    keepKeys(view, () => {
      if (this.#at === undefined) return false;
      this.#choose(undefined);
      return true;
    });
    const root = this.element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(viewCss), sheet(samplesCss)];
    root.append(view);
    this.#focusable(0);
    this.#paint();
  }

  dispose(): void {
    this.#atlas.update([]);
  }

  /** Of the longest side of a tile as it is saved. */
  get #side(): number {
    return Math.max(...this.#samples.atlas.flatMap(({ tile }) => tile));
  }

  #name(i: number): string {
    const seed = this.#samples.seeds?.[i];
    return seed === undefined ? `Image ${i + 1}` : `Seed ${seed}`;
  }

  #tile(i: number): HTMLElement {
    const tile = h(
      "button",
      { type: "button", class: "tile", "aria-label": this.#name(i), "aria-pressed": "false", tabindex: -1 },
      h("canvas", { "aria-hidden": "true" }),
    );
    tile.addEventListener("click", () => this.#choose(this.#at === i ? undefined : i));
    tile.addEventListener("focus", () => this.#focusable(i));
    return tile;
  }

  #seed(i: number): HTMLElement {
    const seed = this.#samples.seeds![i]!;
    const words = `Copy seed ${seed}`;
    const button = h(
      "button",
      { type: "button", class: "link seed", title: "Copy seed", "aria-label": words, tabindex: -1 },
      seed,
    );
    button.addEventListener("click", () => {
      copyText(seed, this.#said);
      setText(this.#said, `Seed ${seed} copied.`);
      button.textContent = "copied";
      setTimeout(() => (button.textContent = seed), COPIED);
    });
    return button;
  }

  /** One image and its seed are in the order of Tab; arrow keys go to the others. */
  #focusable(at: number): void {
    this.#tiles.forEach((tile, i) => {
      for (const button of tile.parentElement!.querySelectorAll("button"))
        button.tabIndex = i === at ? 0 : -1;
    });
  }

  #choose(at: number | undefined): void {
    this.#at = at;
    this.#tiles.forEach((tile, i) => setAttribute(tile, "aria-pressed", String(i === at)));
    this.#chosen.hidden = at === undefined;
    this.#paint();
  }

  #zoom(by: 1 | -1): void {
    this.#times = nextTimes(this.#times, by, this.#side, LARGEST) ?? this.#times;
    this.#paint();
  }

  #paint(): void {
    setText(this.#magnified, timesText(this.#times));
    this.#smaller.disabled = nextTimes(this.#times, -1, this.#side, LARGEST) === undefined;
    this.#larger.disabled = nextTimes(this.#times, 1, this.#side, LARGEST) === undefined;
    this.#tiles.forEach((tile, i) => this.#draw(tile.querySelector("canvas")!, i, this.#times));
    if (this.#at === undefined) return;
    const canvas = h("canvas", { role: "img", "aria-label": this.#name(this.#at) });
    this.#draw(canvas, this.#at, largestWithin(this.#side, CHOSEN));
    const close = h("button", { type: "button", class: "link" }, "close");
    close.addEventListener("click", () => this.#choose(undefined));
    this.#chosen.replaceChildren(canvas, h("p", {}, h("span", {}, this.#name(this.#at)), close));
  }

  /** Its own pixels, each `times` CSS pixels wide. */
  #draw(canvas: HTMLCanvasElement, i: number, times: number): void {
    const id = this.#ids[i]!;
    const [width, height] = this.#atlas.size(id) ?? this.#samples.atlas[0]!.tile;
    [canvas.width, canvas.height] = [width, height];
    canvas.style.width = `${width * times}px`;
    canvas.style.height = `${height * times}px`;
    canvas.style.imageRendering = times >= 1 ? "pixelated" : "auto";
    this.#atlas.draw(canvas.getContext("2d")!, id, 0, 0, width, height);
  }

  #onKey(event: KeyboardEvent): void {
    const figure = (event.target as Element).closest("figure");
    const at = this.#tiles.findIndex((tile) => tile.parentElement === figure);
    const to = gridMove(event, this.#tiles, at);
    if (!to) return;
    event.preventDefault();
    to.focus({ preventScroll: true });
    // Who looks at one closely goes on to the next so.
    if (this.#at !== undefined) this.#choose(this.#tiles.indexOf(to));
  }
}
