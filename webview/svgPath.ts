type Point = readonly [x: number, y: number];

/** The `d` of an SVG path, drawn as on a canvas. `place` writes a point where it lies on the page, `scale` is what one unit is there. */
export class SvgPath {
  d = "";
  private at: Point = [0, 0];

  constructor(
    private readonly place: (point: Point) => string,
    private readonly scale: number,
  ) {}

  moveTo(x: number, y: number): void {
    this.to("M", [x, y]);
  }

  lineTo(x: number, y: number): void {
    this.to("L", [x, y]);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.to("C", [x1, y1], [x2, y2], [x, y]);
  }

  /** The corner as one quadratic curve: at a few pixels the same. */
  arcTo(x1: number, y1: number, x2: number, y2: number, radius: number): void {
    const [before, after] = [toward([x1, y1], this.at, radius), toward([x1, y1], [x2, y2], radius)];
    this.lineTo(...before);
    this.to("Q", [x1, y1], after);
  }

  circle(x: number, y: number, radius: number): void {
    const r = hundredths(radius * this.scale);
    this.moveTo(x + radius, y);
    for (const side of [-1, 1]) this.d += `A${r} ${r} 0 1 1 ${this.place([x + side * radius, y])}`;
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    const round = Math.min(radius, Math.abs(width) / 2, Math.abs(height) / 2);
    const [right, bottom] = [x + width, y + height];
    const corners: readonly Point[] = [
      [right, y],
      [right, bottom],
      [x, bottom],
      [x, y],
    ];
    this.moveTo(x + round, y);
    corners.forEach((corner, i) => {
      if (round > 0) this.arcTo(...corner, ...corners[(i + 1) % 4]!, round);
      else this.lineTo(...corner);
    });
    this.d += "Z";
  }

  private to(command: string, ...points: readonly Point[]): void {
    this.d += command + points.map((point) => this.place(point)).join(" ");
    this.at = points.at(-1)!;
  }
}

/** Hundredths of a pixel: more is seen by nobody. */
export const hundredths = (value: number): string => String(Math.round(value * 100) / 100);

/** From `from` so far towards `to`, and not beyond. */
function toward(from: Point, to: Point, distance: number): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const share = length === 0 ? 0 : Math.min(1, distance / length);
  return [from[0] + dx * share, from[1] + dy * share];
}
