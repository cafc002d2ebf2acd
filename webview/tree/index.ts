import type { CandidateRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { fitCanvas, h } from "../dom.js";
import type { Drawing } from "../pen.js";
import { shown, type ViewState } from "../state/reduce.js";
import type { Theme } from "../theme.js";
import { zoomAbout, type Span } from "../zoom.js";
import { listenForZoom } from "../zoomGestures.js";
import { drawTree, type Scene } from "./draw.js";
import { neighbour, nodeFinder, type Direction } from "./find.js";
import { TreeItems } from "./items.js";
import type { Box, PlacedNode, TreeLayout } from "./layout.js";
import { thumbnailsInSight } from "./previews.js";

export interface TreeEvents {
  hover(id: string | undefined): void;
  /** `beside`: to be compared with the one that is shown. */
  select(id: string | undefined, beside?: boolean): void;
}

export interface ZoomEvents extends TreeEvents {
  zoom(span: Span | undefined): void;
  /** What was folded is to be seen again. */
  unfold(): void;
}

/** The layout and how it lies on the screen. */
export interface TreeSight {
  readonly layout: TreeLayout;
  readonly zoom: Span | undefined;
  /** Where the axis begins and ends on the screen. */
  readonly left: number;
  readonly right: number;
  /** From the layout's places to the screen's, to the right. */
  readonly shift: number;
  /** On the screen. */
  readonly ticks: readonly number[];
  /** Of the ticks, where the traces below have others. */
  readonly labels: readonly string[];
}

/** Canvas, items and events of the candidate tree. */
export class TreeView {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private readonly items = new TreeItems();
  private readonly rings = {
    hovered: h("div", { class: "ring hovered" }),
    selected: h("div", { class: "ring selected" }),
  };
  /** What the canvas shows: a pointer that moves draws nothing anew. */
  private drawn: readonly unknown[] = [];
  private scene: Scene | undefined;
  private seen: TreeSight | undefined;
  private readonly moved: HTMLElement;
  private find: (x: number, y: number) => PlacedNode | undefined = () => undefined;
  private parents: ReadonlyMap<string, readonly string[]> = new Map();
  /** With Shift, the arrow keys move it. */
  private compared: string | undefined;

  constructor(private readonly events: ZoomEvents) {
    const { hovered, selected } = this.rings;
    this.moved = h("div", { class: "moved" }, hovered, selected, this.items.element);
    this.element = h("div", { class: "tree" }, this.canvas, this.moved);
    listenForZoom(
      this.element,
      () => this.seen,
      (span) => events.zoom(span),
    );
    this.element.addEventListener("pointermove", (event) => {
      const node = this.under(event);
      this.element.style.cursor = node ? "pointer" : "";
      events.hover(node?.candidate.id);
    });
    this.element.addEventListener("pointerleave", () => events.hover(undefined));
    this.element.addEventListener("click", (event) => {
      const [x, y] = this.at(event);
      if (this.seen?.layout.folds.some((fold) => covers(fold, x, y))) events.unfold();
      else events.select(this.find(x, y)?.candidate.id, event.shiftKey);
    });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("focusin", () => this.element.classList.add("in-focus"));
    this.element.addEventListener("focusout", () => this.element.classList.remove("in-focus"));
  }

  get drawings(): readonly Drawing[] {
    const { scene, canvas } = this;
    return scene ? [{ canvas, scale: 1, draw: (pen) => drawTree(pen, scene) }] : [];
  }

  /** Whose thumbnails are to be seen as it was laid out last. */
  inSight({ model, sight }: ViewState): readonly CandidateRecord[] {
    return this.seen ? thumbnailsInSight(this.seen.layout, this.seen.shift, model, sight) : [];
  }

  update(state: ViewState, seen: TreeSight, theme: Theme, atlas: Atlas): void {
    const { layout, shift, ticks, labels } = seen;
    if (layout !== this.seen?.layout) this.find = nodeFinder(layout);
    this.seen = seen;
    this.parents = state.model.parents;
    this.compared = state.compared;
    const { model, selected } = state;
    const { sight, cursor } = state;
    const now = [layout, shift, theme, atlas.version, sight, window.devicePixelRatio];
    if (now.some((value, i) => value !== this.drawn[i])) {
      this.scene = { layout, shift, ticks, labels, model, theme, atlas, sight, cursor };
      drawTree(fitCanvas(this.canvas, layout.width, layout.height), this.scene);
    }
    this.drawn = now;
    this.element.classList.toggle("zoomed", seen.zoom !== undefined);
    this.moved.style.transform = shift === 0 ? "" : `translateX(${shift}px)`;
    for (const name of ["hovered", "selected"] as const) placeRing(this.rings[name], layout, state[name]);
    const id = shown(state)?.id;
    // One that is folded has no place: the keyboard begins at the first.
    const cursorId = id !== undefined && layout.byId.has(id) ? id : layout.nodes[0]?.candidate.id;
    this.items.update(model, layout, cursorId, selected);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { seen } = this;
    const node = this.items.at === undefined ? undefined : seen?.layout.byId.get(this.items.at);
    if (!node || !seen) return;
    const closer = { "+": 2, "=": 2, "-": 0.5 }[event.key];
    if (closer !== undefined) {
      const at = (node.x + seen.shift - seen.left) / (seen.right - seen.left);
      this.events.zoom(zoomAbout(seen.zoom, Math.min(1, Math.max(0, at)), closer));
    } else if (event.key === "0") this.events.zoom(undefined);
    else if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
      const from = (event.shiftKey && seen.layout.byId.get(this.compared ?? "")) || node;
      const next = neighbour(seen.layout, this.parents, from, event.key as Direction);
      if (next) this.events.select(next.candidate.id, event.shiftKey);
    } else if (event.key === "Enter" || event.key === " ") this.events.select(node.candidate.id);
    else return;
    event.preventDefault();
  }

  private under(event: MouseEvent): PlacedNode | undefined {
    return this.find(...this.at(event));
  }

  /** In the layout. */
  private at(event: MouseEvent): readonly [x: number, y: number] {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left - (this.seen?.shift ?? 0), event.clientY - top];
  }
}

const covers = ({ x, y, width, height }: Box, atX: number, atY: number): boolean =>
  Math.abs(atX - x) <= Math.max(width, 20) / 2 && Math.abs(atY - y) <= Math.max(height, 16) / 2;

/** Around a candidate, or nowhere. */
export function placeRing(ring: HTMLElement, layout: Pick<TreeLayout, "byId">, id: string | undefined): void {
  const node = id === undefined ? undefined : layout.byId.get(id);
  ring.hidden = !node;
  if (!node) return;
  const [width, height] = [Math.max(node.width, 5) + 8, Math.max(node.height, 5) + 8];
  ring.style.transform = `translate(${node.x - width / 2}px, ${node.y - height / 2}px)`;
  ring.style.width = `${width}px`;
  ring.style.height = `${height}px`;
}
