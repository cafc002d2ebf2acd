import { h } from "../dom.js";
import type { Drawing, Pen } from "../pen.js";
import { SvgPen } from "../svgPen.js";
import { paintOf } from "../svgText.js";

/** Twice the size on the screen: sharp on paper. */
const SCALE = 2;

/** What an element shows, canvases and texts, as the URL of a PNG with the background of the window. */
export function picturePng(element: HTMLElement): string {
  const { width, height } = element.getBoundingClientRect();
  const canvas = h("canvas", { width: Math.ceil(width * SCALE), height: Math.ceil(height * SCALE) });
  const context = canvas.getContext("2d")!;
  context.scale(SCALE, SCALE);
  context.fillStyle = backgroundOf(element);
  context.fillRect(0, 0, width, height);
  for (const { part, x, y, width, height } of partsOf(element)) {
    if (part instanceof HTMLCanvasElement) {
      context.imageSmoothingEnabled = getComputedStyle(part).imageRendering !== "pixelated";
      context.drawImage(part, x, y, width, height);
    } else write(context, part, x, y, width, height);
  }
  return canvas.toDataURL("image/png");
}

/** The same as the text of an SVG: lines and texts as such, pictures embedded. `drawings`: how canvases of the element are drawn. */
export function pictureSvg(element: HTMLElement, drawings: readonly Drawing[]): string {
  const { width, height } = element.getBoundingClientRect();
  const parts: string[] = [];
  const page = new SvgPen(parts, [0, 0]);
  page.fillStyle = backgroundOf(element);
  page.fillRect(0, 0, width, height);
  for (const { part, x, y, width, height } of partsOf(element)) {
    const drawing = drawings.find(({ canvas }) => canvas === part);
    if (drawing) drawing.draw(new SvgPen(parts, [x, y], drawing.scale));
    else if (part instanceof HTMLCanvasElement) {
      page.imageSmoothingEnabled = getComputedStyle(part).imageRendering !== "pixelated";
      page.drawImage(part, x, y, width, height);
    } else write(page, part, x, y, width, height);
  }
  const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  const box = `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${box}>\n${parts.join("\n")}\n</svg>\n`;
}

interface Part {
  readonly part: HTMLElement;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is seen of an element, in its own coordinates. */
function partsOf(element: HTMLElement): Part[] {
  const frame = element.getBoundingClientRect();
  const selector = "canvas, .tick, .axis-name, .end, .section-name, .card span";
  return [...element.querySelectorAll<HTMLElement>(selector)].flatMap((part) => {
    const { left, top, width, height } = part.getBoundingClientRect();
    return width === 0 || height === 0
      ? []
      : [{ part, x: left - frame.left, y: top - frame.top, width, height }];
  });
}

function write(pen: Pen, part: HTMLElement, x: number, y: number, width: number, height: number): void {
  const style = getComputedStyle(part);
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = "middle";
  const isRight = style.textAlign === "right";
  pen.textAlign = isRight ? "right" : "left";
  pen.fillText(part.textContent, isRight ? x + width : x, y + height / 2);
}

/** The first one that is not transparent, from here upwards. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = parentOf(at)) {
    const colour = getComputedStyle(at).backgroundColor;
    if (paintOf(colour).alpha > 0 && colour !== "transparent") return colour;
  }
  return "#ffffff";
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}
