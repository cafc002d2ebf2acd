import { h, setAttribute } from "../dom.js";
import { hasChildren, lineageOf, type RunModel } from "../state/model.js";
import { candidateText } from "../state/words.js";
import type { PlacedNode, TreeLayout } from "./layout.js";

/**
 * The canvas for those who do not see it: `role=tree` with the node under the cursor, its parent and its neighbours as items. One of
 * them is in the tab order and lies over its node, so that focus rings and magnifiers find it.
 */
export class TreeItems {
  readonly element = h("div", { role: "tree", class: "items" });
  private cursor: string | undefined;
  private current: HTMLElement | undefined;

  get focused(): boolean {
    return this.current !== undefined && this.current.matches(":focus");
  }

  get at(): string | undefined {
    return this.cursor;
  }

  update(
    model: RunModel,
    layout: Pick<TreeLayout, "byId">,
    cursor: string | undefined,
    selected: string | undefined,
  ): void {
    setAttribute(this.element, "aria-label", `Candidates of the search, ${model.record.candidates.length}`);
    const node = cursor === undefined ? undefined : layout.byId.get(cursor);
    if (!node) {
      this.element.replaceChildren();
      this.cursor = this.current = undefined;
      return;
    }
    const parent = layout.byId.get(model.parents.get(node.candidate.id)?.[0] ?? "");
    const group = model.groups.find(({ index }) => index === node.candidate.round)?.candidates ?? [];
    const place = group.indexOf(node.candidate);
    const beside = [group[place - 1], group[place + 1]].map((other) => other && layout.byId.get(other.id));
    const items = [parent, beside[0], node, beside[1]].map(
      (other) => other && this.item(model, other, selected),
    );
    // The element in focus stays: it is only described anew.
    if (this.cursor === cursor && this.current && items[2]) {
      for (const { name, value } of [...items[2].attributes]) this.current.setAttribute(name, value);
      items[2] = this.current;
    }
    const hadFocus = this.focused;
    this.current = items[2]!;
    this.cursor = cursor;
    this.current.tabIndex = 0;
    const shown = items.filter((item) => item !== undefined);
    const same =
      shown.length === this.element.childElementCount &&
      shown.every((item, i) => same_(item, this.element.children[i]!));
    if (!same) this.element.replaceChildren(...shown);
    if (hadFocus && !this.focused) this.current.focus({ preventScroll: true });
  }

  focus(): void {
    this.current?.focus({ preventScroll: true });
  }

  private item(model: RunModel, node: PlacedNode, selected: string | undefined): HTMLElement {
    const group = model.groups.find(({ index }) => index === node.candidate.round)?.candidates ?? [];
    const size = Math.max(16, node.width);
    return h("div", {
      role: "treeitem",
      tabindex: -1,
      "aria-label": candidateText(model, node.candidate),
      "aria-level": lineageOf(model, node.candidate.id).length,
      "aria-setsize": group.length,
      "aria-posinset": group.indexOf(node.candidate) + 1,
      "aria-expanded": hasChildren(model, node.candidate.id) ? "true" : undefined,
      "aria-selected": String(node.candidate.id === selected),
      "data-candidate": node.candidate.id,
      style: `left:${node.x - size / 2}px;top:${node.y - size / 2}px;width:${size}px;height:${size}px`,
    });
  }
}

function same_(a: Element, b: Element): boolean {
  return a === b || (a.outerHTML === b.outerHTML && !b.matches(":focus"));
}
