import type { ReportFlag, ReportRow, ReportUnit } from "../../reportRecord.js";

/** A flag of which a row cannot say whether it is raised: without a word the row would look clean. */
export interface Untold {
  readonly algorithm: string;
  readonly budget: number;
  readonly unit: ReportUnit;
  readonly flag: ReportFlag;
  /** The reason, as a sentence; the same for all arms that it holds for. */
  readonly why: string;
  /** What is known of this row instead, as a sentence. */
  readonly instead?: string;
}

interface Group {
  readonly flags: string;
  readonly why: string;
  readonly arms: string[];
  readonly instead: string[];
}

/** One sentence for each reason, with the arms that it holds for; the budgets are named where it does not hold for all of an arm's. */
export function flagNotes(untold: readonly Untold[], rows: readonly ReportRow[]): readonly string[] {
  const groups = new Map<string, Group>();
  for (const own of grouped(untold, ({ algorithm, why }) => `${algorithm}\n${why}`)) {
    const { algorithm, why } = own[0]!;
    const flags = [...new Set(own.map(({ flag }) => flag))].join(" and ");
    const key = `${flags}\n${why}`;
    const group = groups.get(key) ?? { flags, why, arms: [], instead: [] };
    groups.set(key, group);
    const all = rows.filter((row) => row.algorithm === algorithm && row.role === "searched");
    const places = new Set(own.map(placeOf));
    group.arms.push(places.size < all.length ? `${algorithm} at ${[...places].join(", ")}` : algorithm);
    const last = own.filter(({ instead }) => instead !== undefined).at(-1);
    if (last) group.instead.push(`${algorithm} at ${placeOf(last)}: ${last.instead}`);
  }
  return [...groups.values()].map(({ flags, why, arms, instead }) =>
    [
      `${flags} cannot be told for ${arms.join(", ")}: ${why.charAt(0).toLowerCase()}${why.slice(1)}`,
      ...instead,
    ].join(" "),
  );
}

function grouped<T>(values: readonly T[], key: (value: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return [...groups.values()];
}

const placeOf = ({ budget, unit }: Untold): string => `${budget} ${unit === "nfe" ? "NFE" : "s"}`;
