import type { ProviderShare } from "../../engine/deviceReport.js";
import { providerOf, type Device } from "./device.js";

/** What one profiled run of a graph showed. */
export interface Placement {
  readonly providers: readonly ProviderShare[];
  /** Operator types that another device than the one asked for ran, each once, in the order of the graph. */
  readonly fallbackOperators: readonly string[];
}

/** Reads the runtime's profile (an array of trace events, JSON). Throws what `JSON.parse` does when it is cut off. */
export function parseProfile(text: string, device: Device): Placement {
  const events: unknown = JSON.parse(text);
  const nodes = new Map<string, { provider: string; operator: string; microseconds: number }>();
  for (const event of Array.isArray(events) ? (events as readonly unknown[]) : []) {
    const run = parseNodeRun(event);
    if (!run) continue;
    const known = nodes.get(run.name);
    nodes.set(run.name, { ...run, microseconds: run.microseconds + (known?.microseconds ?? 0) });
  }
  const shares = new Map<string, { nodes: number; milliseconds: number }>();
  const fallback = new Set<string>();
  for (const { provider, operator, microseconds } of nodes.values()) {
    const name = deviceOf(provider);
    const share = shares.get(name) ?? { nodes: 0, milliseconds: 0 };
    shares.set(name, { nodes: share.nodes + 1, milliseconds: share.milliseconds + microseconds / 1000 });
    if (name !== device) fallback.add(operator);
  }
  const providers = [...shares].map(([provider, share]) => ({ provider, ...share }));
  return {
    providers: providers.sort((a, b) => b.nodes - a.nodes),
    fallbackOperators: [...fallback],
  };
}

/** Why a device is none for a graph of which `nodesOn` finds nothing there. */
export const NOTHING_THERE = "the CPU would run all of it in its place";

/** Operators that ran on `device`, and all of them. */
export function nodesOn(device: Device, { providers }: Placement): readonly [there: number, all: number] {
  const there = providers.find(({ provider }) => provider === device)?.nodes ?? 0;
  return [there, providers.reduce((sum, { nodes }) => sum + nodes, 0)];
}

/** What runs many operators as one, so that their number says nothing; its node takes the time that it computes. */
const FUSES: readonly Device[] = ["coreml", "dml"];

/**
 * Why a device leaves most of a graph to the CPU, or undefined: fewer than half of the operators are its own, or of one that fuses operators less than half
 * of the time.
 */
export function leavesMost(device: Device, placement: Placement): string | undefined {
  if (FUSES.includes(device)) {
    const all = placement.providers.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const cpu = placement.providers.find(({ provider }) => provider === "cpu")?.milliseconds ?? 0;
    return 2 * cpu > all
      ? `the CPU took ${cpu.toFixed(1)} of the ${all.toFixed(1)} ms of a call in its place`
      : undefined;
  }
  const [there, all] = nodesOn(device, placement);
  return 2 * there < all ? `only ${there} of the model's ${all} operators run there` : undefined;
}

/** Of the events of a node only the one of its kernel counts, not those around it. */
function parseNodeRun(event: unknown) {
  if (typeof event !== "object" || event === null) return undefined;
  const { cat, name, dur, args } = event as Record<string, unknown>;
  if (cat !== "Node" || typeof name !== "string" || !name.endsWith("_kernel_time")) return undefined;
  const { provider, op_name: operator } = (args ?? {}) as Record<string, unknown>;
  if (typeof provider !== "string" || typeof operator !== "string" || typeof dur !== "number")
    return undefined;
  return { name, provider, operator, microseconds: dur };
}

function deviceOf(provider: string): string {
  const known = Object.entries(providerOf).find(([, name]) => name === provider);
  return known ? known[0] : provider;
}
