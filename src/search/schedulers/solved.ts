import { f } from "./float32.js";

/** x with A x = b for a small matrix of rows: elimination with partial pivoting, in float32 as LAPACK's sgesv. */
export function solved(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = rows.length;
  const a = rows.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(a[row]![column]!) > Math.abs(a[pivot]![column]!)) pivot = row;
    }
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    for (let row = column + 1; row < size; row++) {
      const factor = f(a[row]![column]! / a[column]![column]!);
      for (let k = column; k <= size; k++) a[row]![k] = f(a[row]![k]! - f(factor * a[column]![k]!));
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = a[row]![size]!;
    for (let k = row + 1; k < size; k++) rest = f(rest - f(a[row]![k]! * x[k]!));
    x[row] = f(rest / a[row]![row]!);
  }
  return x;
}
