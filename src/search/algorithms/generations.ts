import { InputError } from "../inputError.js";
import { shown, wholeNumber } from "../check.js";

/** When generations of an evolutionary search begin, and how large they are. */
export interface Generations {
  /** t_0 < .. < t_G, in steps. */
  readonly schedule?: readonly number[];
  /** p_0 .. p_G+1. */
  readonly population: readonly number[];
}

/** In shares of the trajectory. */
const DEFAULT_SCHEDULE = [0, 0.4, 0.6, 0.8];

/** Checks what a user gave; without sizes there are 14, 7 for each later step, and 10 at the end. */
export function parseGenerations(schedule: unknown, population: unknown): Generations {
  const given = schedule === undefined ? {} : { schedule: list(schedule, "schedule", 0) };
  const later = given.schedule ?? DEFAULT_SCHEDULE;
  const sizes = population ?? [14, ...later.slice(1).map(() => 7), 10];
  const options = { ...given, population: list(sizes, "population", 1) };
  checkSizes(later, options.population);
  return options;
}

/** The schedule in steps, and as many sizes. A default for fewer steps than it has entries has fewer generations. */
export function generations({ schedule, population }: Generations, steps: number): Required<Generations> {
  if (!schedule) {
    const near = new Set(DEFAULT_SCHEDULE.map((share) => Math.round(share * steps)));
    const some = [...near].filter((t) => t < steps);
    return { schedule: some, population: [...population.slice(0, some.length), population.at(-1)!] };
  }
  if (schedule.at(-1)! < steps) return { schedule, population };
  throw new InputError(
    `evolutionarySearch: schedule ends at step ${schedule.at(-1)}, but a trajectory has ${steps} steps, 0 to ${steps - 1}.`,
  );
}

function list(value: unknown, name: string, min: number): number[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((entry, i) => wholeNumber(entry, `evolutionarySearch: ${name}[${i}]`, min));
  }
  throw new InputError(
    `evolutionarySearch: ${name} is ${shown(value)}, but must be an array of whole numbers, e.g. [5, 20, 30, 40].`,
  );
}

function checkSizes(schedule: readonly number[], population: readonly number[]): void {
  const odd = schedule.findIndex((t, g) => g > 0 && t <= schedule[g - 1]!);
  if (odd > 0) {
    throw new InputError(
      `evolutionarySearch: schedule[${odd}] is ${schedule[odd]}, but must be above ${schedule[odd - 1]}: the steps go up.`,
    );
  }
  if (population.length !== schedule.length + 1) {
    throw new InputError(
      `evolutionarySearch: population has ${population.length} sizes, but ${schedule.length} steps need ${schedule.length + 1}: one for the first generation and one for each step.`,
    );
  }
}
