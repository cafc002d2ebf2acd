/** One canvas of a view, and how what is on it is drawn: with any pen, at any time. */
export interface Drawing {
  readonly canvas: HTMLCanvasElement;
  /** Of one unit that the drawing counts in, in CSS pixels. */
  readonly scale: number;
  draw(pen: Pen): void;
}

/** What the pictures are drawn with: a canvas' context, or what writes the same as SVG. Only what they need of it. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | "fillStyle"
  | "strokeStyle"
  | "globalAlpha"
  | "lineWidth"
  | "lineCap"
  | "font"
  | "textAlign"
  | "textBaseline"
  | "imageSmoothingEnabled"
  | "imageSmoothingQuality"
  | "save"
  | "restore"
  | "translate"
  | "clip"
  | "setLineDash"
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "bezierCurveTo"
  | "arcTo"
  | "arc"
  | "rect"
  | "roundRect"
  | "fill"
  | "stroke"
  | "fillRect"
  | "strokeRect"
  | "fillText"
  | "measureText"
  | "drawImage"
>;
