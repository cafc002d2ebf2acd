import type { CellDeclarations } from "./cellDeclarations.js";
import type { NameTable } from "./nameTable.js";

/** A name of another cell, as it stands in a cell's tail. */
export interface Link {
  /** Index of the cell that declares it. */
  readonly cell: number;
  /** Where it is bound in the tail, from the tail's start. */
  readonly start: number;
}

export interface CellTail {
  /** Comes after the cell's own text, whose places it therefore leaves as they are. */
  readonly text: string;
  /** By name; a name whose type and value come from two cells has two. */
  readonly links: ReadonlyMap<string, readonly Link[]>;
}

export interface TailParts {
  /** Of this cell in the notebook. */
  readonly index: number;
  readonly declarations: CellDeclarations;
  readonly table: NameTable;
  /** Names that the cell may need. */
  readonly names: Iterable<string>;
  /** What an import of a cell's module says. */
  readonly specifier: (cell: number) => string;
}

/**
 * What makes a module of a cell: it takes the names of other cells and gives away its own. Constants and types are imported; a variable is
 * declared with the type that it has in its own cell, so that it can be assigned to and is not narrowed by what that cell did with it.
 */
export function cellTail({ index, declarations, table, names, specifier }: TailParts): CellTail {
  const imports = new Map<number, string[]>();
  const variables: [name: string, cell: number, keyword: string][] = [];
  for (const name of names) {
    const owner = table.owner(index, name);
    if (!owner) continue;
    const { value, type } = owner;
    const apart = value !== undefined && type !== undefined && value !== type;
    const valueOf = value === undefined ? undefined : table.declaration(value, name);
    const only = type === undefined || apart;
    if (value !== undefined && only && (valueOf?.variable || apart || declarations.names.has(name)))
      variables.push([name, value, valueOf?.variable ? "let" : "const"]);
    else if (value !== undefined) push(imports, value, name);
    if (type !== undefined && type !== value) push(imports, type, name);
  }

  // A cell that is being written still has to see the others, and be seen. The blank line keeps these imports apart from the cell's own when those are organised.
  const closers = declarations.unclosed.map(({ closer }) => closer).reverse();
  let text = `\n${closers.join("")}\n;export {};\n\n`;
  const links = new Map<string, Link[]>();
  const link = (name: string, cell: number): string => {
    const list = links.get(name);
    const one = { cell, start: text.length };
    if (list) list.push(one);
    else links.set(name, [one]);
    return name;
  };
  for (const [name, cell, keyword] of variables) {
    text += `declare ${keyword} `;
    text += link(name, cell);
    text += `: typeof import(${specifier(cell)}).${name};\n`;
  }
  for (const [cell, list] of imports) {
    text += "import { ";
    for (const name of list) {
      text += link(name, cell);
      text += ", ";
    }
    text += `} from ${specifier(cell)};\n`;
  }
  const own = [...declarations.names.keys()].filter((name) => !declarations.exported.has(name));
  if (own.length) text += `export { ${own.join(", ")} };\n`;
  return { text, links };
}

function push(lists: Map<number, string[]>, key: number, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
