import type { ReportRecord } from "../reportRecord.js";
import type { Session } from "../session.js";
import type { Verifier } from "../verifiers/verifier.js";
import { armsOf } from "./comparison/arms.js";
import { casesOf, overlap, type Case } from "./comparison/cases.js";
import { notesOf } from "./comparison/notes.js";
import { parseRequest, type CompareRequest } from "./comparison/request.js";
import { rowsOf } from "./comparison/rows.js";
import { Runner, type ArmResult, type RunnerOptions } from "./comparison/runner.js";
import { FLAG_RULES } from "./flags.js";
import { Report } from "./report.js";

export type { CompareRequest, RunnerOptions };

const LEVEL = 0.95;

/**
 * Several algorithms and verifiers on several problems: at equal NFE and, separately, at equal seconds, beside the baselines that any gain has
 * to be held against (one sample, more steps alone, best-of-N at equal compute, best-of-N at as many verifier calls). Winners are scored by the
 * searched and by the held-out verifiers; gains are paired by problem and seed, intervals are bootstrap over problems, p-values are corrected
 * by Holm, and flags are raised by the rules that the report prints. A run that fails is a failure in its row. An interrupted comparison ends
 * with that error; the same again goes on where it stopped, because what the engine has computed it remembers.
 */
export async function compare(request: CompareRequest, options: RunnerOptions = {}): Promise<Report> {
  const comparison = parseRequest(request);
  const { session, baseline, resamples, budgets } = comparison;
  const cases = casesOf(comparison);
  const arms = armsOf(comparison, cases);
  const verifiers = verifiersOf(cases);
  const network = networkOf(session, verifiers);
  const runner = new Runner(comparison, cases, arms, network, options);
  const found = await runner.run();
  const results = trimmed(found, runner.sampleNfe, runner.sampleMilliseconds);
  const { rows, untold } = rowsOf({ results, cases, verifiers, baseline, resamples });
  const shown = new Set(results.map(({ arm }) => arm));
  const { name, version, sha256 } = session.model;
  const record: ReportRecord = {
    version: 1,
    model: { name, version, sha256 },
    provider: session.device.provider,
    arms: arms
      .filter((arm) => shown.has(arm))
      .map(({ name, kind, searched, of, choice }) => ({
        ...{ name, kind },
        algorithm:
          typeof choice === "function"
            ? { name, options: {} }
            : { name: choice.name, options: choice.options },
        ...(searched ? { searched: searched.name } : {}),
        ...(of === undefined ? {} : { of }),
      })),
    verifiers: verifiers.map(({ verifier, drives, judges }) => ({
      name: verifier.name,
      direction: verifier.direction,
      role: drives ? (judges ? "both" : "searched") : "held-out",
    })),
    budgets,
    sampleNfe: runner.sampleNfe,
    problems: cases.length,
    seeds: Math.max(...cases.map(({ seeds }) => seeds.length)),
    baseline,
    resamples,
    level: LEVEL,
    features: featuresName(session.featureNetworks, network),
    rules: Object.values(FLAG_RULES),
    notes: notesOf({ arms, budgets, found, cases, results, rows, untold, rates: runner.rates }),
    rows,
  };
  return new Report(record);
}

interface Role {
  readonly verifier: Verifier;
  readonly drives: boolean;
  readonly judges: boolean;
}

/** Every verifier of the comparison: those that drive a search first. */
function verifiersOf(cases: readonly Case[]): readonly Role[] {
  const searches = cases.flatMap((one) => one.searches);
  const drives = new Map(searches.map(({ searched }) => [searched.name, searched]));
  const judges = new Map(searches.flatMap(({ heldOut }) => heldOut.map((one) => [one.name, one] as const)));
  return [...new Map([...drives, ...judges])].map(([name, verifier]) => ({
    verifier,
    drives: drives.has(name),
    judges: judges.has(name),
  }));
}

/**
 * Winners are compared where no search looks, if there is such a network: in features that were learned for their own sake, else in an
 * embedding rather than in a classifier's opinions of classes.
 */
function networkOf(
  { featureNetworks, verifiers: resident }: Session,
  verifiers: readonly Role[],
): string | undefined {
  const searched = verifiers.filter(({ drives }) => drives);
  const free = featureNetworks.filter(({ verifier }) =>
    searched.every((one) => !overlap(one.verifier, resident[verifier]!)),
  );
  const features = free.find(({ judges }) => !judges);
  const embedding = free.find(({ layer }) => layer !== "logits");
  return (features ?? embedding ?? free[0] ?? featureNetworks[0])?.verifier;
}

function featuresName(
  networks: readonly { readonly verifier: string; readonly layer: string }[],
  network: string | undefined,
): string {
  const found = networks.find(({ verifier }) => verifier === network);
  return found ? `${found.layer} of ${found.verifier}` : "pixels, or states where nothing is decoded";
}

/**
 * A single sample costs what it costs, whatever the budget. And best-of-N at as many verifier calls is told apart from best-of-N at equal
 * compute only where it is another one.
 */
function trimmed(
  found: readonly ArmResult[],
  sampleNfe: number,
  sampleMilliseconds: readonly number[],
): readonly ArmResult[] {
  const plain = (result: ArmResult): ArmResult | undefined =>
    found.find(
      ({ arm, unit, budget }) =>
        arm.kind === "best-of-n" &&
        arm.searched?.name === result.arm.searched?.name &&
        unit === result.unit &&
        budget === result.budget,
    );
  return found.flatMap((result) => {
    if (result.arm.kind === "one-sample") {
      const sum = sampleMilliseconds.reduce((total, one) => total + one, 0);
      const seconds = sum / Math.max(1, sampleMilliseconds.length) / 1000;
      const budget = result.unit === "nfe" ? sampleNfe : Number(seconds.toPrecision(3));
      return [{ ...result, budget }];
    }
    if (result.arm.kind !== "equal-calls") return [result];
    const other = plain(result);
    const isSame = result.outcomes.every((row, i) =>
      row.every((outcome, j) => outcome === undefined || outcome === other?.outcomes[i]?.[j]),
    );
    return isSame ? [] : [result];
  });
}
