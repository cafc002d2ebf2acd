/** Indexes of a longest strictly increasing subsequence of the values, ascending (patience sorting: time n log n). */
export function longestIncreasing(values: readonly number[]): number[] {
  // tails[k] is the index of the smallest last element of an increasing subsequence of length k + 1.
  const tails: number[] = [];
  const previous: number[] = [];
  values.forEach((value, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = index;
  });
  const indexes: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) indexes.push(at);
  return indexes.reverse();
}
