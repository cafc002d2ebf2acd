import type { Atlas } from "../atlas.js";
import { fitCanvas, h } from "../dom.js";
import { shown, type ViewState } from "../state/reduce.js";
import type { Theme } from "../theme.js";
import { drawTree } from "./draw.js";
import { neighbour, nodeFinder, type Direction } from "./find.js";
import { TreeItems } from "./items.js";
import type { PlacedNode, TreeLayout } from "./layout.js";

export interface TreeEvents {
  hover(id: string | undefined): void;
  /** `beside`: to be compared with the one that is shown. */
  select(id: string | undefined, beside?: boolean): void;
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
  private layout: TreeLayout | undefined;
  private find: (x: number, y: number) => PlacedNode | undefined = () => undefined;
  private parents: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(private readonly events: TreeEvents) {
    this.element = h(
      "div",
      { class: "tree" },
      this.canvas,
      this.rings.hovered,
      this.rings.selected,
      this.items.element,
    );
    this.element.addEventListener("pointermove", (event) => {
      const node = this.under(event);
      this.element.style.cursor = node ? "pointer" : "";
      events.hover(node?.candidate.id);
    });
    this.element.addEventListener("pointerleave", () => events.hover(undefined));
    this.element.addEventListener("click", (event) =>
      events.select(this.under(event)?.candidate.id, event.shiftKey),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("focusin", () => this.element.classList.add("in-focus"));
    this.element.addEventListener("focusout", () => this.element.classList.remove("in-focus"));
  }

  update(state: ViewState, layout: TreeLayout, theme: Theme, atlas: Atlas): void {
    if (layout !== this.layout) this.find = nodeFinder(layout);
    this.layout = layout;
    this.parents = state.model.parents;
    const { model, selected } = state;
    const { sight, cursor } = state;
    const now = [layout, theme, atlas.version, sight, window.devicePixelRatio];
    if (now.some((value, i) => value !== this.drawn[i])) {
      const scene = { layout, model, theme, atlas, sight, cursor };
      drawTree(fitCanvas(this.canvas, layout.width, layout.height), scene);
    }
    this.drawn = now;
    for (const name of ["hovered", "selected"] as const) placeRing(this.rings[name], layout, state[name]);
    this.items.update(model, layout, shown(state)?.id ?? layout.nodes[0]?.candidate.id, selected);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = this.items.at === undefined ? undefined : this.layout?.byId.get(this.items.at);
    if (!node || !this.layout) return;
    if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
      const next = neighbour(this.layout, this.parents, node, event.key as Direction);
      if (next) this.events.select(next.candidate.id);
    } else if (event.key === "Enter" || event.key === " ") this.events.select(node.candidate.id);
    else return;
    event.preventDefault();
  }

  private under(event: MouseEvent): PlacedNode | undefined {
    const { left, top } = this.element.getBoundingClientRect();
    return this.find(event.clientX - left, event.clientY - top);
  }
}

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
