import { address } from "../../engine/tensorId.js";
import type { Case } from "./cases.js";
import type { Comparison } from "./request.js";

/** Of everything that a timed outcome depends on, so that a resumed comparison takes over none of another. */
export function comparisonHash({ algorithms, budgets, session }: Comparison, cases: readonly Case[]): string {
  const chosen = [...algorithms].map(([name, choice]) =>
    typeof choice === "function"
      ? [name, choice.toString()]
      : [name, choice.name, choice.options, choice.fingerprint ?? null],
  );
  const asked = cases.map(({ problem, seeds, searches }) => [
    problem,
    seeds,
    searches.map(({ searched, heldOut }) =>
      [searched, ...heldOut].map(({ name, sha256, fingerprint }) => [
        name,
        sha256 ?? null,
        fingerprint ?? null,
      ]),
    ),
  ]);
  return address([chosen, asked, budgets.seconds, session.model.sha256]);
}
