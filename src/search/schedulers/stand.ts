import type { Schedule, Stand, StateScale } from "./scheduler.js";

/**
 * How states look at a position of a schedule: in the scale in which a network is shown them. `mix`: of schedules without noise levels, by the
 * timestep.
 */
export function standAt(
  { timesteps, sigmas }: Schedule,
  index: number,
  { scale = "preserving", deviation = 1 }: { readonly scale?: StateScale; readonly deviation?: number },
  mix: (timestep: number) => readonly [signal: number, noise: number],
): Stand {
  if (!sigmas) {
    const [signal, noise] = mix(timesteps[index]!);
    return { index, signal, noise, scale: 1 };
  }
  const sigma = sigmas[index]!;
  if (scale === "flow") return { index, signal: 1 - sigma, noise: sigma, scale: 1 };
  const spread = Math.sqrt(deviation * deviation + sigma * sigma);
  return { index, signal: 1 / spread, noise: sigma / spread, scale: scale === "exploding" ? spread : 1 };
}
