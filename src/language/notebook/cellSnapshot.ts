import type { ts } from "ts-morph";

/** A text that knows how it differs from an earlier one, so that only what changed is parsed again: a cell's tail may be long. */
export class CellSnapshot implements ts.IScriptSnapshot {
  constructor(private readonly text: string) {}

  getText(start: number, end: number): string {
    return this.text.slice(start, end);
  }

  getLength(): number {
    return this.text.length;
  }

  getChangeRange(earlier: ts.IScriptSnapshot): ts.TextChangeRange | undefined {
    if (!(earlier instanceof CellSnapshot)) return undefined;
    const [before, after] = [earlier.text, this.text];
    const most = Math.min(before.length, after.length);
    let start = 0;
    while (start < most && before[start] === after[start]) start++;
    let same = 0;
    while (same < most - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
    return { span: { start, length: before.length - start - same }, newLength: after.length - start - same };
  }
}
