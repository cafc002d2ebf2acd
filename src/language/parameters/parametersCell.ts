import { Project, ts, type SourceFile, type VariableDeclaration } from "ts-morph";
import { jsonSchema, type JsonSchema } from "./jsonSchema.js";
import { literalOf, valueOf } from "./literal.js";
import { ParameterError } from "./parameterError.js";

/** A top-level `const` or `let` of a parameters cell. */
export interface Parameter {
  readonly name: string;
  /** As TypeScript writes it; a `const` without an annotation takes what a `let` would. */
  readonly type: string;
  readonly schema: JsonSchema;
  /** Of its initialiser, when that is a literal. */
  readonly default?: unknown;
  /** Its doc comment. */
  readonly description?: string;
}

/** What somebody gave for a parameter: text from a command line, which may be JSON, or a value. */
export type Given = { readonly text: string } | { readonly value: unknown };

export interface AppliedParameters {
  /** To be run in the place of the cell's own, line by line at the same place. */
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A cell whose initialisers can be replaced from outside. Its source is never changed: what runs is a copy. */
export class ParametersCell {
  readonly #project = new Project({
    useInMemoryFileSystem: true,
    compilerOptions: {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      lib: ["lib.es2022.d.ts"],
      noResolve: true,
      types: [],
    },
  });
  readonly #file: SourceFile;

  /** `declarations`: of the modules that it may import types from, as `declare module` has them. */
  constructor(
    private readonly source: string,
    declarations = "",
  ) {
    if (declarations) this.#project.createSourceFile("/modules.d.ts", declarations);
    this.#file = this.#project.createSourceFile("/parameters.ts", `${loosened(source)}\nexport {};`);
  }

  parameters(): readonly Parameter[] {
    return this.#declarations().map((declaration) => {
      const { initializer } = declaration.compilerNode;
      const fallback = initializer && valueOf(initializer);
      const description = declaration
        .getVariableStatement()
        ?.getJsDocs()
        .map((comment) => comment.getCommentText() ?? "")
        .join("\n")
        .trim();
      return {
        name: declaration.getName(),
        type: declaration.getType().getText(declaration),
        schema: jsonSchema(declaration.getType()),
        ...(fallback !== undefined && { default: fallback }),
        ...(description && { description }),
      };
    });
  }

  /** Throws ParameterError for a name that the cell does not have, and for a value that its type does not take. */
  apply(given: ReadonlyMap<string, Given>): AppliedParameters {
    const declarations = new Map(
      this.#declarations().map((declaration) => [declaration.getName(), declaration]),
    );
    for (const name of given.keys()) {
      if (declarations.has(name)) continue;
      const known = [...declarations.keys()].join(", ") || "none";
      throw new ParameterError(`there is no parameter "${name}" in the parameters cell; it has: ${known}`);
    }
    // Text is the JSON that it reads as, if the parameter takes that, else itself: `-p name=5` suits a number and a string.
    const values = new Map(
      [...given].map(([name, how]) => [name, "value" in how ? how.value : reading(how.text)]),
    );
    const problems = this.#objections(values);
    for (const name of problems.keys()) {
      const how = given.get(name);
      if (how && "text" in how) values.set(name, how.text);
    }
    const remaining = problems.size ? this.#objections(values) : problems;
    if (remaining.size) {
      const sentences = [...remaining.keys()].map((name) => {
        const type = declarations.get(name)?.getType().getText(declarations.get(name));
        return `parameter ${name} is of type ${type}: ${problems.get(name)}`;
      });
      throw new ParameterError(sentences.join("\n"));
    }
    return { source: substituted(this.source, values), values: Object.fromEntries(values) };
  }

  #declarations(): VariableDeclaration[] {
    return this.#file
      .getVariableDeclarations()
      .filter((declaration) => ts.isIdentifier(declaration.compilerNode.name));
  }

  /** What the compiler says of an assignment of each value, by name; those that it takes are absent. */
  #objections(values: ReadonlyMap<string, unknown>): Map<string, string> {
    let text = this.#file.getFullText();
    const ends = [...values].map(([name, value]) => {
      text += `\n;${name} = ${literalOf(value)};`;
      return { name, end: text.length };
    });
    const start = this.#file.getEnd();
    const checked = this.#project.createSourceFile("/checked.ts", text, { overwrite: true });
    const problems = new Map<string, string>();
    for (const diagnostic of this.#project.getProgram().getSemanticDiagnostics(checked)) {
      const at = diagnostic.getStart() ?? 0;
      const name = at < start ? undefined : ends.find(({ end }) => at < end)?.name;
      if (name !== undefined && !problems.has(name))
        problems.set(name, ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, " "));
    }
    this.#project.removeSourceFile(checked);
    return problems;
  }
}

function reading(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The source with `let` for every top-level `const`: `const steps = 8` has the type 8, but takes any number. */
function loosened(source: string): string {
  const file = parse(source);
  let result = source;
  for (const statement of [...file.statements].reverse()) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const))
      continue;
    const start = statement.declarationList.getStart(file);
    result = `${result.slice(0, start)}let${result.slice(start + "const".length)}`;
  }
  return result;
}

/** What an initialiser leaves of its lines stays as empty ones, so that errors keep their line numbers. */
function substituted(source: string, values: ReadonlyMap<string, unknown>): string {
  const file = parse(source);
  const edits = file.statements
    .flatMap((statement) =>
      ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
    )
    .flatMap(({ name, type, initializer }) => {
      if (!ts.isIdentifier(name) || !values.has(name.text)) return [];
      const literal = literalOf(values.get(name.text));
      if (!initializer)
        return [{ start: (type ?? name).end, end: (type ?? name).end, text: ` = ${literal}` }];
      const start = initializer.getStart(file);
      const lines = source.slice(start, initializer.end).split("\n").length - 1;
      return [{ start, end: initializer.end, text: literal + "\n".repeat(lines) }];
    });
  return edits.reduceRight(
    (text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end),
    source,
  );
}

const parse = (source: string): ts.SourceFile =>
  ts.createSourceFile("/cell.ts", source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
