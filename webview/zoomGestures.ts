import { panBy, zoomAbout, type Span } from "./zoom.js";

export interface Zoomable {
  /** Of the element, in CSS pixels: where the axis begins and ends. */
  readonly left: number;
  readonly right: number;
  readonly zoom: Span | undefined;
}

/** Shorter drags are clicks. */
const DRAG = 4;

/**
 * Zoom and pan by pointer: pinching (or the wheel with Control or Command) zooms where the pointer is, dragging or a sideways wheel pans what is
 * zoomed. A plain wheel stays with the notebook, which scrolls.
 */
export function listenForZoom(
  element: HTMLElement,
  now: () => Zoomable | undefined,
  zoom: (span: Span | undefined) => void,
): void {
  let from: { readonly x: number; readonly zoom: Span | undefined } | undefined;
  let dragged = false;
  const listen = <K extends "pointerdown" | "pointermove" | "pointerup" | "pointerleave" | "click">(
    name: K,
    act: (event: HTMLElementEventMap[K]) => void,
  ): void => element.addEventListener(name, act, { capture: true });

  element.addEventListener(
    "wheel",
    (event) => {
      const plot = now();
      if (!plot) return;
      const width = plot.right - plot.left;
      if (event.ctrlKey || event.metaKey) {
        const x = event.clientX - element.getBoundingClientRect().left;
        const at = Math.min(1, Math.max(0, (x - plot.left) / width));
        zoom(zoomAbout(plot.zoom, at, Math.exp(-lines(event, event.deltaY) / 120)));
      } else if (plot.zoom && Math.abs(event.deltaX) > Math.abs(event.deltaY))
        zoom(panBy(plot.zoom, lines(event, event.deltaX) / width));
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  listen("pointerdown", ({ button, clientX }) => {
    dragged = false;
    const plot = now();
    if (button === 0 && plot?.zoom) from = { x: clientX, zoom: plot.zoom };
  });
  listen("pointermove", (event) => {
    const plot = now();
    if (!from || !plot) return;
    const by = from.x - event.clientX;
    dragged ||= Math.abs(by) >= DRAG;
    if (!dragged) return;
    event.stopImmediatePropagation();
    element.style.cursor = "grabbing";
    zoom(panBy(from.zoom, by / (plot.right - plot.left)));
  });
  listen("pointerup", () => {
    from = undefined;
    element.style.cursor = "";
  });
  listen("pointerleave", ({ target }) => {
    if (target === element) from = undefined;
  });
  // The click that ends a drag selects nothing.
  listen("click", (event) => {
    if (dragged) event.stopImmediatePropagation();
    dragged = false;
  });
}

/** In pixels, whatever the wheel counts in. */
const lines = ({ deltaMode }: WheelEvent, delta: number): number => (deltaMode === 0 ? delta : delta * 16);
