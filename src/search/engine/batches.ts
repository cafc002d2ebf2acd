/** Groups what may share a model call and cuts each group into batches of at most `size`; order within a group is kept. */
export function batches<T>(items: readonly T[], size: number, group: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = group(item);
    const members = groups.get(key);
    if (members) members.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].flatMap((members) =>
    Array.from({ length: Math.ceil(members.length / size) }, (_, i) =>
      members.slice(i * size, (i + 1) * size),
    ),
  );
}
