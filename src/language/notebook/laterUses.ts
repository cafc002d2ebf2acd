import { ts } from "ts-morph";
import { VALUE } from "./cellDeclarations.js";
import type { CellModule, NotebookProject } from "./notebookProject.js";

export interface LaterUse {
  readonly name: string;
  /** In the cell's text. */
  readonly start: number;
  /** The one that declares it. */
  readonly cell: CellModule;
}

/** Where a cell, while it runs, reads what only a cell after it declares. A function may: it is called later. A type may: it does not run. */
export function laterUses(project: NotebookProject, cell: CellModule): LaterUse[] {
  const later = new Map<string, CellModule>();
  for (const [name, links] of cell.tail.links)
    for (const link of links) {
      const owner = project.cells[link.cell];
      if (!owner || owner.index < cell.index || !runs(owner, name) || runs(cell, name)) continue;
      later.set(name, owner);
    }
  if (!later.size) return [];
  const program = project.program();
  const file = program.getSourceFile(cell.file);
  if (!file) return [];
  const checker = program.getTypeChecker();
  const isLink = (node: ts.Identifier): boolean => {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    return !!symbol?.declarations?.some(
      (declaration) => declaration.getSourceFile() === file && declaration.getStart() >= cell.text.length,
    );
  };
  const uses: LaterUse[] = [];
  const visit = (node: ts.Node): void => {
    if (node.pos >= cell.text.length || ts.isTypeNode(node) || ts.isFunctionLike(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    // Only what is made with `new` or read from an object runs a field that is not static.
    if (ts.isPropertyDeclaration(node) && !isStatic(node)) return;
    const owner = ts.isIdentifier(node) ? later.get(node.text) : undefined;
    if (owner && ts.isIdentifier(node) && isLink(node))
      uses.push({ name: node.text, start: node.getStart(file), cell: owner });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return uses;
}

const runs = ({ declarations }: CellModule, name: string): boolean =>
  !!((declarations.names.get(name)?.spaces ?? 0) & VALUE);

const isStatic = (node: ts.PropertyDeclaration): boolean =>
  !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
