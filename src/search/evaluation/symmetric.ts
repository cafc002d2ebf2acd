/** Square symmetric matrices in double, row by row. */
export interface Symmetric {
  readonly size: number;
  readonly data: Float64Array;
}

/**
 * Eigenvalues, unordered: Householder's reduction to three diagonals, then the QL method with implicit shifts (Wilkinson and Reinsch 1971;
 * EISPACK's tred1 and tql1). About 4/3 n^3 operations.
 */
export function eigenvalues({ size, data }: Symmetric): Float64Array {
  const { diagonal, beside } = tridiagonal(size, Float64Array.from(data));
  return implicitQL(diagonal, beside);
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** beside[i] couples i and i + 1; the last is 0. */
  readonly beside: Float64Array;
}

/** Overwrites `a`. Step k reflects column k onto its first element below the diagonal. */
function tridiagonal(n: number, a: Float64Array): Tridiagonal {
  const beside = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    let squares = 0;
    for (let i = k + 1; i < n; i++) squares += a[k * n + i]! ** 2;
    const head = a[k * n + k + 1]!;
    const norm = Math.sqrt(squares);
    if (!(squares > head * head)) {
      beside[k] = head;
      continue;
    }
    beside[k] = head > 0 ? -norm : norm;
    const length = Math.sqrt(2 * (squares - head * beside[k]!));
    for (let i = k + 1; i < n; i++) v[i] = a[k * n + i]! / length;
    v[k + 1] = (head - beside[k]!) / length;
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sum += a[at]! * v[j]!;
      w[i] = sum;
      along += sum * v[i]!;
    }
    for (let i = k + 1; i < n; i++) w[i] = 2 * (w[i]! - along * v[i]!);
    for (let i = k + 1; i < n; i++) {
      const [vi, wi] = [v[i]!, w[i]!];
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) a[at] = a[at]! - vi * w[j]! - wi * v[j]!;
    }
  }
  if (n > 1) beside[n - 2] = a[(n - 2) * n + n - 1]!;
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), beside };
}

/** Overwrites both. */
function implicitQL(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      if (turn === 60)
        throw new Error("The eigenvalues do not converge: the matrix has values that are no finite numbers.");
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = d[i + 1]! - p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l] = d[l]! - p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d;
}

/** A factor L with L L' = the matrix, `rank` columns, row by row: Cholesky with diagonal pivoting, so that singular covariances have one too. */
export function factor({ size: n, data }: Symmetric): { readonly rank: number; readonly data: Float64Array } {
  const left = Float64Array.from({ length: n }, (_, i) => data[i * n + i]!);
  const floor = Math.max(0, ...left) * n * Number.EPSILON;
  const columns: Float64Array[] = [];
  for (;;) {
    let pivot = 0;
    for (let i = 1; i < n; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (columns.length === n || !(left[pivot]! > floor)) break;
    const root = Math.sqrt(left[pivot]!);
    const column = new Float64Array(n);
    for (let i = 0; i < n; i++) column[i] = data[i * n + pivot]!;
    for (const before of columns) {
      const share = before[pivot]!;
      for (let i = 0; i < n; i++) column[i] = column[i]! - share * before[i]!;
    }
    for (let i = 0; i < n; i++) {
      column[i] = left[i]! === -1 ? 0 : column[i]! / root;
      left[i] = left[i]! === -1 ? -1 : left[i]! - column[i]! ** 2;
    }
    column[pivot] = root;
    left[pivot] = -1; // done
    columns.push(column);
  }
  const rank = columns.length;
  const rows = new Float64Array(n * rank);
  columns.forEach((column, k) => column.forEach((value, i) => (rows[i * rank + k] = value)));
  return { rank, data: rows };
}
