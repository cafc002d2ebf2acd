import type { Report, ReportArm, ReportRecord, ReportRow, ReportUnit } from "../../search/index.js";

/** A comparison as tables of text, one for each unit of compute at its largest budget, for readers without a view of it. */
export function describeReport(report: Report): string {
  const record = report.toJSON();
  const { model, arms, problems, seeds, notes, rules } = record;
  const count = arms.filter(({ kind }) => kind === "method").length;
  const searched = [...new Set(arms.flatMap((arm) => arm.searched ?? []))];
  const parts = [
    `Comparison: ${count > 0 ? `${plural(count, "algorithm")} beside the baselines` : "the baselines alone"}, ${plural(problems, "problem")}, ${plural(seeds, "seed")}, searched with ${searched.join(" and ")}, on ${model.name} ${model.version}`,
  ];
  for (const unit of ["nfe", "seconds"] as const) {
    const budget = record.budgets[unit].at(-1);
    if (budget !== undefined) parts.push(table(record, unit, budget));
  }
  const flags = record.rows.flatMap(({ algorithm, budget, unit, role, flags: raised, why }) =>
    role === "searched"
      ? raised.map((flag, i) => `  ${flag}, ${algorithm} at ${amount(budget, unit)}: ${why[i]}`)
      : [],
  );
  if (flags.length > 0) parts.push(["Flags", ...flags].join("\n"));
  parts.push(["Notes", ...notes.map((note) => `  ${note}`), ...rules.map((rule) => `  ${rule}`)].join("\n"));
  return parts.join("\n\n");
}

function table(record: ReportRecord, unit: ReportUnit, budget: number): string {
  const { verifiers, arms, baseline } = record;
  const repeated = verifiers.map(({ name }) =>
    arms.some((arm) => rowOf(record, arm, unit, budget, name)?.fresh !== undefined),
  );
  const fails = verifiers.some(({ name }) =>
    arms.some((arm) => (rowOf(record, arm, unit, budget, name)?.failures ?? 0) > 0),
  );
  const head = [
    `at ${amount(budget, unit)}`,
    ...verifiers.flatMap(({ name, role }, i) => [
      `${name} (${role})`,
      ...(repeated[i] ? ["fresh, 95 % interval"] : []),
      `gain over ${baseline}, 95 % interval`,
    ]),
    "better/worse",
    "win rate",
    "diversity",
    "NFE",
    "calls",
    ...(fails ? ["runs without a score"] : []),
  ];
  const lines = arms.flatMap((arm) => {
    const rows = verifiers.map(({ name }) => rowOf(record, arm, unit, budget, name));
    if (rows.every((row) => row === undefined)) return [];
    const witness = rows.find((row) => row?.role === "held-out") ?? rows.find((row) => row);
    return [
      [
        arm.name,
        ...rows.flatMap((row, i) => [number(row?.mean), ...(repeated[i] ? [fresh(row)] : []), interval(row)]),
        witness?.gain === undefined ? "-" : `${witness.better}/${witness.worse}`,
        witness?.winRate === undefined ? "-" : `${Math.round(100 * witness.winRate)} %`,
        number(witness?.diversity),
        witness?.nfe === undefined ? "-" : String(Math.round(witness.nfe)),
        witness?.calls === undefined ? "-" : String(Math.round(witness.calls)),
        ...(fails ? [String(Math.max(...rows.map((row) => row?.failures ?? 0)))] : []),
      ],
    ];
  });
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)));
  const aligned = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [head, ...lines].map(aligned).join("\n");
}

function rowOf(
  { rows }: ReportRecord,
  { name, kind }: ReportArm,
  unit: ReportUnit,
  budget: number,
  verifier: string,
): ReportRow | undefined {
  return rows.find(
    (row) =>
      row.algorithm === name &&
      row.unit === unit &&
      row.verifier === verifier &&
      (row.budget === budget || kind === "one-sample"),
  );
}

function interval(row: ReportRow | undefined): string {
  if (row?.gain === undefined) return "-";
  const gain = `${row.gain >= 0 ? "+" : ""}${number(row.gain)}`;
  return row.gainLow === undefined
    ? `${gain} (no interval)`
    : `${gain} [${number(row.gainLow)}, ${number(row.gainHigh)}]`;
}

function fresh(row: ReportRow | undefined): string {
  const found = number(row?.fresh);
  return row?.freshLow === undefined ? found : `${found} [${number(row.freshLow)}, ${number(row.freshHigh)}]`;
}

const number = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(4));
const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
const amount = (budget: number, unit: ReportUnit): string => `${budget} ${unit === "nfe" ? "NFE" : "s"}`;
