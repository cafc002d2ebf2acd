import type { Atlas } from "../atlas.js";
import { fitCanvas, h, setText } from "../dom.js";
import type { Drawing } from "../pen.js";
import { all } from "../state/filter.js";
import { shown, type ViewState } from "../state/reduce.js";
import type { Theme } from "../theme.js";
import { neighbour, type Direction } from "../tree/find.js";
import { placeRing, type TreeEvents } from "../tree/index.js";
import { TreeItems } from "../tree/items.js";
import { drawBranches, type BranchScene } from "./draw.js";
import { branchFinder } from "./find.js";
import { previewsAt } from "./previews.js";
import { levelText, type Branch, type BranchLayout } from "./layout.js";

export interface BranchEvents extends TreeEvents {
  /** Dragged over a band of noise levels; undefined: cleared. */
  band(band: readonly [high: number, low: number] | undefined): void;
}

/** Shorter drags are clicks. */
const DRAG = 6;

/** Canvas, items and events of the branches along the noise level. */
export class BranchView {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private readonly items = new TreeItems();
  private readonly axis = h("div", { class: "level-axis", "aria-hidden": "true" });
  private readonly cursor = h("div", { class: "level-cursor", hidden: true });
  private readonly band = h("div", { class: "level-band", hidden: true });
  private readonly rings = {
    hovered: h("div", { class: "ring hovered" }),
    selected: h("div", { class: "ring selected" }),
  };
  private drawn: readonly unknown[] = [];
  private scene: BranchScene | undefined;
  private looked: { readonly key: readonly unknown[]; readonly branches: readonly Branch[] } | undefined;
  private layout: BranchLayout | undefined;
  private state: ViewState | undefined;
  private find: (x: number, y: number) => Branch | undefined = () => undefined;
  private dragFrom: number | undefined;
  private dragged = false;

  constructor(private readonly events: BranchEvents) {
    const { hovered, selected } = this.rings;
    this.element = h(
      "div",
      { class: "branches" },
      ...[this.band, this.canvas, this.axis, this.cursor, hovered, selected, this.items.element],
    );
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.dragFrom = this.at(event)[0];
    });
    element.addEventListener("pointermove", (event) => this.onMove(event));
    element.addEventListener("pointerup", (event) => this.onUp(event));
    element.addEventListener("pointerleave", () => {
      this.dragFrom = undefined;
      events.hover(undefined);
    });
    element.addEventListener("keydown", (event) => this.onKey(event));
  }

  get drawings(): readonly Drawing[] {
    const { scene, canvas } = this;
    return scene ? [{ canvas, scale: 1, draw: (pen) => drawBranches(pen, scene) }] : [];
  }

  update(state: ViewState, layout: BranchLayout, theme: Theme, atlas: Atlas): void {
    if (layout !== this.layout) {
      this.find = branchFinder(layout);
      this.placeAxis(layout);
    }
    this.layout = layout;
    this.state = state;
    const { model, selected, hovered, sight, cursor, filter } = state;
    const previews = this.previews(state);
    const now = [layout, theme, atlas.version, sight, cursor, window.devicePixelRatio];
    if (now.some((value, i) => value !== this.drawn[i])) {
      const passes = (branch: Branch): boolean => sight === all || sight(branch.candidate);
      this.scene = { layout, model, theme, atlas, passes, cursor, previews };
      drawBranches(fitCanvas(this.canvas, layout.width, layout.height), this.scene);
    }
    this.drawn = now;
    this.cursor.hidden = cursor === undefined;
    if (cursor !== undefined) this.cursor.style.transform = `translateX(${layout.xOf(cursor)}px)`;
    this.showBand(filter.band && [layout.xOf(filter.band[0]), layout.xOf(filter.band[1])]);
    placeRing(this.rings.hovered, layout, hovered);
    placeRing(this.rings.selected, layout, selected);
    this.items.update(model, layout, shown(state)?.id ?? layout.nodes[0]?.candidate.id, selected);
  }

  /** Who shows a preview at the cursor's level, as it is laid out now. */
  previews({ model, sight, cursor }: ViewState): readonly Branch[] {
    const { layout } = this;
    if (!layout || cursor === undefined) return [];
    const key = [layout, sight, cursor];
    if (this.looked && key.every((value, i) => value === this.looked!.key[i])) return this.looked.branches;
    const branches = previewsAt(layout, model, cursor, sight);
    this.looked = { key, branches };
    return branches;
  }

  private placeAxis(layout: BranchLayout): void {
    const name = h("span", { class: "axis-name" }, "level");
    name.style.top = `${layout.height - 18}px`;
    const ticks = layout.ticks
      .filter(({ label }) => label !== "")
      .map(({ x, label }) => {
        const tick = h("span", { class: "tick x" }, label);
        tick.style.left = `${x}px`;
        tick.style.top = `${layout.height - 18}px`;
        return tick;
      });
    name.style.left = `${layout.xOf(0) + 14}px`;
    this.axis.replaceChildren(...ticks, name);
  }

  private onMove(event: PointerEvent): void {
    const [x, y] = this.at(event);
    if (this.dragFrom !== undefined && Math.abs(x - this.dragFrom) >= DRAG) {
      this.dragged = true;
      this.showBand([this.dragFrom, x]);
      return;
    }
    const branch = this.find(x, y);
    this.element.style.cursor = branch ? "pointer" : "";
    this.events.hover(branch?.candidate.id);
  }

  private onUp(event: PointerEvent): void {
    const [x, y] = this.at(event);
    const from = this.dragFrom;
    this.dragFrom = undefined;
    if (this.dragged && from !== undefined && this.layout) {
      this.dragged = false;
      const ends = [this.layout.levelAt(Math.min(from, x)), this.layout.levelAt(Math.max(from, x))] as const;
      this.events.band(ends);
      return;
    }
    const branch = this.find(x, y);
    this.events.select(branch?.candidate.id, event.shiftKey);
    if (!branch && this.state?.filter.band) this.events.band(undefined);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.layout || !this.state) return;
    const node = this.items.at === undefined ? undefined : this.layout.byId.get(this.items.at);
    if (!node) return;
    if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
      const { model, compared } = this.state;
      const from = (event.shiftKey && this.layout.byId.get(compared ?? "")) || node;
      const next = neighbour(this.layout, model.parents, from, event.key as Direction);
      if (next) this.events.select(next.candidate.id, event.shiftKey);
    } else if (event.key === "Enter" || event.key === " ") this.events.select(node.candidate.id);
    else return;
    event.preventDefault();
  }

  private showBand(ends: readonly [number, number] | undefined): void {
    this.band.hidden = !ends;
    if (!ends || !this.layout) return;
    const { left, right } = this.layout;
    const hold = (x: number): number => Math.min(right, Math.max(left, x));
    const [from, to] = [hold(Math.min(...ends)), hold(Math.max(...ends))];
    this.band.style.transform = `translateX(${from}px)`;
    this.band.style.width = `${Math.max(2, to - from)}px`;
    const [high, low] = [this.layout.levelAt(from), this.layout.levelAt(to)];
    setText(this.band, `${levelText(high)} to ${levelText(low)}`);
  }

  private at(event: MouseEvent): readonly [x: number, y: number] {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }
}
