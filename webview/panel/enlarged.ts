import { wholeAt, type Atlas } from "../atlas.js";
import { h, setAttribute, setText } from "../dom.js";
import { shown, type ViewState } from "../state/reduce.js";
import { cut } from "../state/words.js";

/** Height of its row of words, in CSS pixels. */
const HEAD = 34;
const EDGE = 12;

/** The shown candidate over the plots: at the largest whole multiple of its pixels that has room, or one to one, scrolled where it is larger. */
export class Enlarged {
  readonly element: HTMLElement;
  private readonly name = h("strong", {});
  private readonly size = h("span", { class: "muted" });
  private readonly scale = h(
    "button",
    { type: "button", class: "link", "aria-pressed": "false" },
    "pixel scale",
  );
  private readonly close = h("button", { type: "button", class: "link" }, "close");
  private readonly canvas = h("canvas", { role: "img" });
  private readonly none = h("p", { class: "muted" }, "There is no picture of it.");
  private drawn: readonly unknown[] = [];
  private room: readonly [width: number, height: number] = [0, 0];

  /** `back`: where the focus goes when it closes. */
  constructor(
    close: () => void,
    private readonly back: () => void,
  ) {
    this.close.addEventListener("click", close);
    this.scale.addEventListener("click", () => {
      setAttribute(this.scale, "aria-pressed", String(!this.isExact));
      this.draw();
    });
    this.element = h(
      "section",
      { class: "enlarged", "aria-label": "Candidate, large", hidden: true },
      h("div", { class: "enlarged-head" }, this.name, this.size, this.scale, this.close),
      h("div", { class: "enlarged-room", tabindex: -1 }, this.canvas, this.none),
    );
  }

  private get isExact(): boolean {
    return this.scale.getAttribute("aria-pressed") === "true";
  }

  /** `room`: of the plots, in CSS pixels; asked for only while it is open. */
  update(state: ViewState, atlas: Atlas, room: () => readonly [width: number, height: number]): void {
    const candidate = state.enlarged ? shown(state) : undefined;
    const isNew = this.element.hidden && candidate !== undefined;
    const hadFocus = this.element.matches(":focus-within");
    this.element.hidden = !candidate;
    if (!candidate && hadFocus) this.back();
    if (!candidate) {
      this.drawn = [];
      return;
    }
    const picture = wholeAt(atlas, candidate.id, state.cursor);
    const now = [picture, atlas.version, ...room()];
    if (now.some((value, i) => value !== this.drawn[i])) {
      setText(this.name, cut(candidate.id));
      setAttribute(this.canvas, "aria-label", `Candidate ${cut(candidate.id)}`);
      this.paint(atlas, picture);
      this.room = room();
      this.draw();
    }
    this.drawn = now;
    if (isNew) this.close.focus({ preventScroll: true });
  }

  private paint(atlas: Atlas, picture: string | undefined): void {
    const size = picture === undefined ? undefined : atlas.size(picture);
    this.canvas.hidden = !size;
    this.none.hidden = size !== undefined;
    if (!size || picture === undefined) return;
    [this.canvas.width, this.canvas.height] = size;
    atlas.draw(this.canvas.getContext("2d")!, picture, 0, 0, ...size);
  }

  private draw(): void {
    const { width, height, hidden } = this.canvas;
    const [across, down] = [this.room[0] - 2 * EDGE, this.room[1] - HEAD - 2 * EDGE];
    const fit = Math.min(across / width, down / height);
    // Whole multiples, so that each pixel is as large as its neighbour.
    const times = this.isExact ? 1 : fit >= 1 ? Math.floor(fit) : fit;
    this.canvas.style.width = `${width * times}px`;
    this.canvas.style.height = `${height * times}px`;
    this.canvas.style.imageRendering = times >= 1 ? "pixelated" : "auto";
    this.scale.hidden = hidden;
    const shownAs =
      times === 1 ? "pixel by pixel" : times > 1 ? `× ${times}` : `${Math.round(100 * times)} %`;
    setText(this.size, hidden ? "" : `${width} × ${height} pixels, ${shownAs}`);
  }
}
