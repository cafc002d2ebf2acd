import type { SearchRecord } from "../../search/index.js";

/** A search in a few lines of text, for readers without a view of it. */
export function describeRun(record: SearchRecord): string {
  const { algorithm, model, problem, candidates, rounds, spent, question } = record;
  const best = candidates.find(({ id }) => id === record.best);
  const first = candidates.find(({ scores }) => problem.verifier in scores);
  const scored = candidates.filter(({ scores }) => problem.verifier in scores).length;
  const failed = candidates.filter(({ status }) => status === "failed").length;
  const score = (verifier: string, of: typeof best): string => {
    const value = of?.scores[verifier];
    return value === undefined ? "-" : value.toFixed(4);
  };
  const rows: [string, string][] = [
    ["algorithm", `${algorithm.name}${optionsOf(algorithm.options)}`],
    ["model", `${model.name} ${model.version}`],
    [
      "problem",
      `${conditionOf(problem.condition)}seed ${problem.seed}, ${problem.solver}, ${problem.steps} steps, ${guidanceOf(problem)}`,
    ],
    ["state", record.reason ? `${record.state}: ${record.reason}` : record.state],
    ...(question
      ? [
          ["question", `${question.text ?? "Which is best?"} (${question.candidates.length} candidates)`] as [
            string,
            string,
          ],
        ]
      : []),
    ["rounds", String(rounds.length)],
    ["candidates", `${candidates.length}, ${scored} scored${failed ? `, ${failed} failed` : ""}`],
    ["spent", `${spent.nfe} NFE, ${spent.forwards} forwards, ${spent.decodes} decodes`],
    ["best", record.best ?? "-"],
    ...record.verifiers.map(({ name, role }): [string, string] => [
      `  ${name}`,
      `${score(name, best)}  (${role}; first candidate ${score(name, first)})`,
    ]),
    ...record.notices.map((notice): [string, string] => ["notice", notice]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [`Search ${record.id}`, ...rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`)].join(
    "\n",
  );
}

function optionsOf(options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length
    ? ` (${given.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")})`
    : "";
}

function guidanceOf({
  guidance,
  guidanceRescale: rescale,
  trueGuidance: combined,
}: SearchRecord["problem"]): string {
  const more = [rescale && `rescaled by ${rescale}`, combined && `${combined} from the negative prompt`];
  return [`guidance ${guidance}`, ...more.filter((part) => part !== undefined)].join(", ");
}

function conditionOf(condition: SearchRecord["problem"]["condition"]): string {
  if (condition === undefined) return "";
  return `${typeof condition === "string" ? condition : Object.values(condition).join(" ")}, `;
}
