import type { Schedule, Stand, StateScale } from "./scheduler.js";

/** How states look at a position of a schedule. `mix`: of schedules without noise levels, by the timestep. */
export function standAt(
  { timesteps, sigmas }: Schedule,
  index: number,
  scale: StateScale,
  mix: (timestep: number) => readonly [signal: number, noise: number],
): Stand {
  if (!sigmas) {
    const [signal, noise] = mix(timesteps[index]!);
    return { index, signal, noise, scale: 1 };
  }
  const sigma = sigmas[index]!;
  if (scale === "flow") return { index, signal: 1 - sigma, noise: sigma, scale: 1 };
  const spread = Math.sqrt(1 + sigma * sigma);
  return { index, signal: 1 / spread, noise: sigma / spread, scale: scale === "exploding" ? spread : 1 };
}
