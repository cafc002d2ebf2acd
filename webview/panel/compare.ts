import type { Atlas } from "../atlas.js";
import { h, setText } from "../dom.js";
import { cut } from "../state/words.js";

/** Two candidates over each other: a slider between them, or where they differ. */
export class Compare {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { class: "picture", role: "img" });
  private readonly slider = h("input", {
    ...{ type: "range", min: 0, max: 100, value: 50, class: "wipe" },
    "aria-label": "Share of the first picture",
  });
  private readonly toggle = h(
    "button",
    { type: "button", class: "link", "aria-pressed": "false" },
    "difference",
  );
  private readonly words = h("span", { class: "muted" });
  private names: readonly [string, string] | undefined;
  private pictures: readonly [string, string] | undefined;
  private atlas: Atlas | undefined;

  constructor(close: () => void) {
    const end = h("button", { type: "button", class: "link" }, "close");
    end.addEventListener("click", close);
    this.slider.addEventListener("input", () => this.draw());
    this.toggle.addEventListener("click", () => {
      const isOn = this.toggle.getAttribute("aria-pressed") !== "true";
      this.toggle.setAttribute("aria-pressed", String(isOn));
      this.slider.hidden = isOn;
      this.draw();
    });
    this.element = h(
      "div",
      { class: "compare", role: "group", "aria-label": "Compare two candidates" },
      this.canvas,
      h("div", { class: "compare-side" }, this.words, this.slider, this.toggle, end),
    );
  }

  /** `names` of the candidates, `pictures` as the atlas knows them: the one that is shown, and the other. */
  update(names: readonly [string, string], pictures: readonly [string, string], atlas: Atlas): void {
    [this.names, this.pictures, this.atlas] = [names, pictures, atlas];
    this.draw();
  }

  private draw(): void {
    const { atlas, pictures, names } = this;
    if (!atlas || !pictures || !names) return;
    const isDifference = this.toggle.getAttribute("aria-pressed") === "true";
    const [first, second] = pictures.map((picture) => pixelsOf(atlas, picture));
    const context = this.canvas.getContext("2d")!;
    this.canvas.setAttribute("aria-label", `${names[0]} and ${names[1]}`);
    if (!first || !second || first.width !== second.width || first.height !== second.height) {
      [this.canvas.width, this.canvas.height] = [1, 1];
      setText(this.words, "There are no two pictures of one size to compare.");
      return;
    }
    const { width, height } = first;
    [this.canvas.width, this.canvas.height] = [width, height];
    if (isDifference) {
      const { image, mean } = difference(first, second);
      context.putImageData(image, 0, 0);
      setText(
        this.words,
        `${cut(names[0])} against ${cut(names[1])}: ${(100 * mean).toFixed(1)}\u00a0% apart on average`,
      );
      return;
    }
    const edge = Math.round((Number(this.slider.value) / 100) * width);
    context.putImageData(second, 0, 0);
    if (edge > 0) context.putImageData(first, 0, 0, 0, 0, edge, height);
    setText(this.words, `left ${cut(names[0])}, right ${cut(names[1])}`);
  }
}

function pixelsOf(atlas: Atlas, picture: string): ImageData | undefined {
  const size = atlas.size(picture);
  if (!size) return undefined;
  const canvas = h("canvas", { width: size[0], height: size[1] });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  atlas.draw(context, picture, 0, 0, ...size);
  return context.getImageData(0, 0, ...size);
}

/** Absolute difference by channel, and its mean as a share of full scale. Same sizes. */
export function difference(a: ImageData, b: ImageData): { readonly image: ImageData; readonly mean: number } {
  const image = new ImageData(a.width, a.height);
  let sum = 0;
  for (let i = 0; i < image.data.length; i += 4) {
    for (let c = 0; c < 3; c++) {
      const apart = Math.abs(a.data[i + c]! - b.data[i + c]!);
      image.data[i + c] = apart;
      sum += apart;
    }
    image.data[i + 3] = 255;
  }
  return { image, mean: sum / ((image.data.length / 4) * 3 * 255) };
}
