import { h } from "../dom.js";

/** Twice the size on the screen: sharp on paper. */
const SCALE = 2;

/** What an element shows, canvases and texts, as a PNG with the background of the window. */
export function picturePng(element: HTMLElement): string {
  const frame = element.getBoundingClientRect();
  const canvas = h("canvas", {
    width: Math.ceil(frame.width * SCALE),
    height: Math.ceil(frame.height * SCALE),
  });
  const context = canvas.getContext("2d")!;
  context.scale(SCALE, SCALE);
  context.fillStyle = backgroundOf(element);
  context.fillRect(0, 0, frame.width, frame.height);
  for (const part of element.querySelectorAll<HTMLElement>(
    "canvas, .tick, .axis-name, .end, .section-name, .card span",
  )) {
    const box = part.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const [x, y] = [box.left - frame.left, box.top - frame.top];
    if (part instanceof HTMLCanvasElement) {
      context.imageSmoothingEnabled = getComputedStyle(part).imageRendering !== "pixelated";
      context.drawImage(part, x, y, box.width, box.height);
    } else {
      const style = getComputedStyle(part);
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      context.fillStyle = style.color;
      context.textBaseline = "middle";
      const isRight = style.textAlign === "right";
      context.textAlign = isRight ? "right" : "left";
      context.fillText(part.textContent, isRight ? x + box.width : x, y + box.height / 2);
    }
  }
  return canvas.toDataURL("image/png");
}

/** The first one that is not transparent, from here upwards. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = parentOf(at)) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/^rgba\(.*, 0\)$|^transparent$/.test(colour)) return colour;
  }
  return "#ffffff";
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}
