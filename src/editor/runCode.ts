/** What a press in a view asks to have written. */
export type WriteKind = "fork" | "continue" | "pick" | "insert";

export interface WriteRequest {
  readonly kind: WriteKind;
  /** "r3-c1" */
  readonly candidate: string;
  /** Beside it. */
  readonly compared?: string;
}

/** What the code is about. */
export interface RunInCell {
  /** The name that the cell gives the search. */
  readonly variable: string;
  readonly guidance?: number;
  readonly budget?: Readonly<Record<string, number>>;
}

const NAME = "([A-Za-z_$][\\w$]*)";
/** How a cell ends that shows a search: `run`, `await run.run()`, `display(run)`. */
const ENDS = [
  new RegExp(`^(?:await\\s+)?${NAME}(?:\\.(?:run|step)\\([^)]*\\))?;?(?:\\s*//.*)?$`),
  new RegExp(`^(?:await\\s+)?display\\(${NAME}\\b.*\\);?$`),
];
const MADE = new RegExp(
  `\\b(?:const|let|var)\\s+${NAME}\\s*(?::[^=]+)?=\\s*(?:await\\s+)?[\\w$.]+\\.(?:search|fork)\\(`,
  "g",
);

/** The variable by which a cell's search is known; undefined when it has none. */
export function variableOf(source: string): string | undefined {
  const last = source
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "" && !line.startsWith("//"));
  const made = [...source.matchAll(MADE)].map(([, name]) => name!);
  for (const end of ENDS) {
    const name = last === undefined ? undefined : end.exec(last)?.[1];
    if (name !== undefined && name !== "undefined") return name;
  }
  return made.at(-1);
}

/** The code that a person would write, with a name that none of the notebook's `sources` uses. */
export function codeFor(
  { kind, candidate, compared }: WriteRequest,
  run: RunInCell,
  sources: readonly string[],
): string {
  const { variable } = run;
  const id = JSON.stringify(candidate);
  switch (kind) {
    case "fork": {
      const name = freeName("fork", sources);
      return `const ${name} = ${variable}.fork(${id});\nawait ${name}.step();\n${name}`;
    }
    case "continue": {
      const name = freeName("more", sources);
      return `const ${name} = ${variable}.fork(${id}, ${changesOf(run)});\nawait ${name}.run();\n${name}`;
    }
    case "pick": {
      const name = freeName("picked", sources);
      return `const ${name} = ${variable}.candidate(${id});\nawait ${name}.image()`;
    }
    case "insert":
      if (compared === undefined) return `${variable}.candidate(${id}).scores`;
      return `await Promise.all([${id}, ${JSON.stringify(compared)}].map((id) => ${variable}.candidate(id).image()))`;
  }
}

/** "fork", else "fork2" and so on. */
export function freeName(wanted: string, sources: readonly string[]): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}${count}`;
    const word = new RegExp(`\\b${name}\\b`);
    // As a property ("run.fork") it is no variable.
    if (!sources.some((source) => word.test(source.replaceAll(new RegExp(`\\.\\s*${name}\\b`, "g"), ""))))
      return name;
  }
}

/** What there is to change, with the same guidance and twice the budget to begin with. */
function changesOf({ guidance, budget = {} }: RunInCell): string {
  const limits = Object.entries(budget).map(([name, limit]) => `${name}: ${2 * limit}`);
  const parts = [
    ...(guidance === undefined ? [] : [`guidance: ${guidance}`]),
    ...(limits.length > 0 ? [`budget: { ${limits.join(", ")} }`] : []),
  ];
  return parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}
