import { h } from "./dom.js";
import type { Pen } from "./pen.js";
import { hundredths as number, SvgPath } from "./svgPath.js";
import { attribute, paintOf } from "./svgText.js";

type Style = Pick<
  Pen,
  | "fillStyle"
  | "strokeStyle"
  | "globalAlpha"
  | "lineWidth"
  | "lineCap"
  | "font"
  | "textAlign"
  | "textBaseline"
>;

interface State extends Style {
  readonly x: number;
  readonly y: number;
  readonly dash: readonly number[];
  readonly clip: string | undefined;
}

/**
 * Draws as a canvas' context does, and writes SVG. Coordinates are written as they are on the page, so that there are no transformations to
 * be undone; `place` is where (0, 0) lies, `scale` what one unit is there. Pictures are embedded.
 */
export class SvgPen implements Pen {
  fillStyle: Pen["fillStyle"] = "#000000";
  strokeStyle: Pen["strokeStyle"] = "#000000";
  globalAlpha = 1;
  lineWidth = 1;
  lineCap: CanvasLineCap = "butt";
  font = "10px sans-serif";
  textAlign: CanvasTextAlign = "start";
  textBaseline: CanvasTextBaseline = "alphabetic";
  imageSmoothingEnabled = true;
  imageSmoothingQuality: ImageSmoothingQuality = "low";
  private readonly stack: State[] = [];
  private readonly ruler = h("canvas").getContext("2d")!;
  private path = new SvgPath((at) => this.point(at), 1);
  private dash: readonly number[] = [];
  private clipId: string | undefined;
  private x: number;
  private y: number;

  /** `parts` takes the elements; clips are named after their number, so pens of one document share it. */
  constructor(
    private readonly parts: string[],
    place: readonly [x: number, y: number],
    private readonly scale = 1,
  ) {
    [this.x, this.y] = place;
  }

  save(): void {
    const { fillStyle, strokeStyle, globalAlpha, lineWidth, lineCap, font, textAlign, textBaseline } = this;
    const style = { fillStyle, strokeStyle, globalAlpha, lineWidth, lineCap, font, textAlign, textBaseline };
    this.stack.push({ ...style, x: this.x, y: this.y, dash: this.dash, clip: this.clipId });
  }

  restore(): void {
    const state = this.stack.pop();
    if (!state) return;
    const { clip, ...rest } = state;
    Object.assign(this, rest);
    this.clipId = clip;
  }

  translate(x: number, y: number): void {
    this.x += x * this.scale;
    this.y += y * this.scale;
  }

  clip(): void {
    this.clipId = `clip${this.parts.length}`;
    this.parts.push(`<clipPath id="${this.clipId}"><path d="${this.path.d}"/></clipPath>`);
  }

  setLineDash(dash: Iterable<number>): void {
    this.dash = [...dash];
  }

  beginPath(): void {
    this.path = new SvgPath((at) => this.point(at), this.scale);
  }

  moveTo(x: number, y: number): void {
    this.path.moveTo(x, y);
  }

  lineTo(x: number, y: number): void {
    this.path.lineTo(x, y);
  }

  bezierCurveTo(...numbers: Parameters<Pen["bezierCurveTo"]>): void {
    this.path.bezierCurveTo(...numbers);
  }

  arcTo(...numbers: Parameters<Pen["arcTo"]>): void {
    this.path.arcTo(...numbers);
  }

  /** Whole circles alone are drawn. */
  arc(x: number, y: number, radius: number): void {
    this.path.circle(x, y, radius);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path.roundRect(x, y, width, height, 0);
  }

  roundRect(
    x: number,
    y: number,
    width: number,
    height: number,
    radii?: Parameters<Pen["roundRect"]>[4],
  ): void {
    this.path.roundRect(x, y, width, height, typeof radii === "number" ? radii : 0);
  }

  fill(): void {
    this.emit("path", `d="${this.path.d}"`, this.filled);
  }

  stroke(): void {
    this.emit("path", `d="${this.path.d}"`, this.stroked);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.emit("rect", this.box(x, y, width, height), this.filled);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.emit("rect", this.box(x, y, width, height), this.stroked);
  }

  measureText(text: string): TextMetrics {
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }

  fillText(text: string, x: number, y: number): void {
    const anchor = { center: "middle", right: "end", end: "end", left: "start", start: "start" }[
      this.textAlign
    ];
    const baseline = this.textBaseline === "middle" ? ' dominant-baseline="central"' : "";
    const place = `x="${number(this.x + x * this.scale)}" y="${number(this.y + y * this.scale)}"`;
    const look = `style="${attribute(`font: ${this.font}`)}" text-anchor="${anchor}"${baseline}`;
    this.emit("text", `${place} ${look}`, this.filled, attribute(text));
  }

  /** A whole picture, or a part of one. Parts are cut out, so that the others are not in the file. */
  drawImage(image: CanvasImageSource, ...at: readonly number[]): void {
    const [x = 0, y = 0, width = 0, height = 0] = at.slice(-4);
    const [left, top, w, hgt] = at.length === 8 ? at.slice(0, 4) : [0, 0, sizeOf(image)[0], sizeOf(image)[1]];
    const canvas = h("canvas", { width: Math.max(1, w!), height: Math.max(1, hgt!) });
    canvas.getContext("2d")!.drawImage(image, left!, top!, w!, hgt!, 0, 0, w!, hgt!);
    const look = this.imageSmoothingEnabled ? "" : ' style="image-rendering: pixelated"';
    const href = `href="${canvas.toDataURL("image/png")}"`;
    this.emit("image", `${this.box(x, y, width, height)} ${href}${look}`, this.faint(1));
  }

  private point([x, y]: readonly [number, number]): string {
    return `${number(this.x + x * this.scale)} ${number(this.y + y * this.scale)}`;
  }

  private box(x: number, y: number, width: number, height: number): string {
    const [left, top] = [Math.min(x, x + width), Math.min(y, y + height)];
    const corner = `x="${number(this.x + left * this.scale)}" y="${number(this.y + top * this.scale)}"`;
    const size = [width, height].map((side) => number(Math.abs(side) * this.scale));
    return `${corner} width="${size[0]}" height="${size[1]}"`;
  }

  private get filled(): string {
    const { colour, alpha } = paintOf(this.fillStyle);
    return `fill="${colour}"${this.faint(alpha)}`;
  }

  private get stroked(): string {
    const { colour, alpha } = paintOf(this.strokeStyle);
    const cap = this.lineCap === "butt" ? "" : ` stroke-linecap="${this.lineCap}"`;
    const dash = this.dash.map((length) => number(length * this.scale)).join(" ");
    const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    const width = number(this.lineWidth * this.scale);
    return `fill="none" stroke="${colour}" stroke-width="${width}"${cap}${dashes}${this.faint(alpha)}`;
  }

  private faint(alpha: number): string {
    const opacity = alpha * this.globalAlpha;
    return opacity === 1 ? "" : ` opacity="${number(opacity)}"`;
  }

  private emit(name: string, geometry: string, look: string, content?: string): void {
    const clip = this.clipId === undefined ? "" : ` clip-path="url(#${this.clipId})"`;
    const end = content === undefined ? "/>" : `>${content}</${name}>`;
    this.parts.push(`<${name} ${geometry} ${look}${clip}${end}`);
  }
}

function sizeOf(image: CanvasImageSource): readonly [number, number] {
  if (image instanceof HTMLImageElement) return [image.naturalWidth, image.naturalHeight];
  return image instanceof HTMLCanvasElement ? [image.width, image.height] : [0, 0];
}
