/** Where a key leads from tile `at` of a grid that wraps: arrows by tile and row, Home and End. Undefined: nowhere, or not such a key. */
export function gridMove(
  event: KeyboardEvent,
  tiles: readonly HTMLElement[],
  at: number,
): HTMLElement | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || at < 0) return undefined;
  const columns = Math.max(1, tiles.filter((tile) => tile.offsetTop === tiles[0]!.offsetTop).length);
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    Home: 0,
    End: tiles.length - 1,
  };
  return Object.hasOwn(moves, event.key) ? tiles[moves[event.key]!] : undefined;
}
