/** Viridis (van der Walt and Smith), at ninths of its length. */
const STOPS = [
  "#440154",
  "#482878",
  "#3e4989",
  "#31688e",
  "#26828e",
  "#1f9e89",
  "#35b779",
  "#6ece58",
  "#b5de2b",
  "#fde725",
];
const CHANNELS = STOPS.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));

/**
 * Score colour, 0 = worst, 1 = best. The end that would vanish into the background is left out: the darkest on dark themes, the
 * lightest on light ones.
 */
export function viridis(share: number, dark: boolean): string {
  // As many as an eye tells apart: each is made once, and a canvas knows it again.
  const step = Math.round(STEPS * clamp(share));
  const made = (dark ? onDark : onLight)[step];
  if (made !== undefined) return made;
  const t = dark ? 0.16 + (0.84 * step) / STEPS : (0.9 * step) / STEPS;
  const at = t * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  const channels = CHANNELS[i]!.map((low, k) => Math.round(low + (CHANNELS[i + 1]![k]! - low) * (at - i)));
  return ((dark ? onDark : onLight)[step] = `rgb(${channels.join(" ")})`);
}

const STEPS = 1024;
const onDark: string[] = [];
const onLight: string[] = [];
const clamp = (share: number): number => Math.min(1, Math.max(0, share));
