import { createRequire } from "node:module";
import { join } from "node:path";
import { roleOf, tagsOf } from "../../document/cellLabels.js";
import type { Cell, Notebook } from "../../document/notebook.js";
import type * as Parameters from "../../language/parameters/main.js";
import type { AppliedParameters, Given } from "../../language/parameters/parametersCell.js";
import { UsageError } from "../command.js";

/** The code cell with the role or, as papermill has it, the tag "parameters". */
export function parametersCell({ cells }: Notebook): Cell | undefined {
  return cells.find(
    (cell) => cell.kind === "code" && (roleOf(cell) === "parameters" || tagsOf(cell).includes("parameters")),
  );
}

/** The cell's source with the given values. Throws UsageError when there is no such cell or it does not take them. */
export function applyParameters(notebook: Notebook, given: ReadonlyMap<string, Given>): AppliedParameters {
  const { openParametersCell, ParameterError } = load();
  const cell = required(notebook);
  try {
    return openParametersCell(cell.source.join("\n")).apply(given);
  } catch (error) {
    throw error instanceof ParameterError ? new UsageError(error.message) : error;
  }
}

/** A JSON schema of the object that `--parameters-file` takes. */
export function parametersSchema(notebook: Notebook): object {
  const parameters = load().openParametersCell(required(notebook).source.join("\n")).parameters();
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description, ...rest }) => [
        name,
        {
          ...schema,
          ...(description && { description }),
          ...("default" in rest && { default: rest.default }),
        },
      ]),
    ),
    additionalProperties: false,
  };
}

function required(notebook: Notebook): Cell {
  const cell = parametersCell(notebook);
  if (cell) return cell;
  throw new UsageError(
    'the notebook has no parameters cell: give the cell that declares them "role": "parameters" (Mark as Parameters in its menu)',
  );
}

/** A compiler comes with it, so it is read only when it is needed. */
const load = (): typeof Parameters =>
  createRequire(__filename)(join(__dirname, "parameters.js")) as typeof Parameters;
