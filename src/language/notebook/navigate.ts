import type { ts } from "ts-morph";
import type { CellModule, NotebookProject } from "./notebookProject.js";

/** A piece of a cell's text or of a file's. */
export interface Place {
  readonly file: string;
  readonly span: ts.TextSpan;
}

/** Another text for a place: a new name, and what has to stand around it so that the meaning stays. */
export interface RenamePlace extends Place {
  readonly prefix: string;
  readonly suffix: string;
}

/** Where what stands at a place was declared: never in a tail. */
export function definitions(project: NotebookProject, key: string, offset: number): Place[] {
  const { file } = project.cell(key);
  const found = project.service.getDefinitionAtPosition(file, offset) ?? [];
  return distinct(found.flatMap((one) => settled(project, { file: one.fileName, span: one.textSpan })));
}

/** Where the type of what stands at a place was declared. */
export function typeDefinitions(project: NotebookProject, key: string, offset: number): Place[] {
  const { file } = project.cell(key);
  const found = project.service.getTypeDefinitionAtPosition(file, offset) ?? [];
  return distinct(found.flatMap((one) => settled(project, { file: one.fileName, span: one.textSpan })));
}

/** Every use in the notebook and in the files that it imports, declarations among them if wished. */
export function references(
  project: NotebookProject,
  key: string,
  offset: number,
  withDeclarations: boolean,
): Place[] {
  const found: Place[] = [];
  closure(project, { cell: project.cell(key), start: offset }, ({ cell, start }) =>
    (project.service.findReferences(cell.file, start) ?? []).flatMap(({ references: list }) =>
      list.map(({ fileName, textSpan, isDefinition }) => {
        const place = { file: fileName, span: textSpan };
        if (isOwnText(project, place) && (withDeclarations || !isDefinition)) found.push(place);
        return place;
      }),
    ),
  );
  return distinct(found);
}

export type Renaming =
  | { readonly ok: true; readonly span: ts.TextSpan; readonly places: readonly RenamePlace[] }
  /** `why`: a sentence for the person who tried. */
  | { readonly ok: false; readonly why: string };

const RENAME_PREFERENCES: ts.UserPreferences = { providePrefixAndSuffixTextForRename: true };

/** What changes when the name at a place does: in its own cell, and in those that take it from there. */
export function renaming(project: NotebookProject, key: string, offset: number): Renaming {
  const { service } = project;
  const start = project.cell(key);
  const info = service.getRenameInfo(start.file, offset, {
    ...RENAME_PREFERENCES,
    allowRenameOfImportPath: false,
  });
  if (!info.canRename) return { ok: false, why: info.localizedErrorMessage };
  const places: RenamePlace[] = [];
  closure(project, { cell: start, start: offset }, ({ cell, start: place }) =>
    [...(service.findRenameLocations(cell.file, place, false, false, RENAME_PREFERENCES) ?? [])].map(
      ({ fileName, textSpan, prefixText = "", suffixText = "" }) => {
        const one = { file: fileName, span: textSpan, prefix: prefixText, suffix: suffixText };
        if (isOwnText(project, one)) places.push(one);
        return one;
      },
    ),
  );
  return { ok: true, span: info.triggerSpan, places: distinct(places) };
}

interface Seed {
  readonly cell: CellModule;
  readonly start: number;
}

/**
 * Searches from a place, and again from each place that means the same through a tail: the declaration in the cell that owns a name, and
 * the tails of all cells that take it.
 */
function closure(project: NotebookProject, first: Seed, search: (seed: Seed) => readonly Place[]): void {
  const waiting = [first];
  const seen = new Set<string>();
  const follow = (name: string, owner: CellModule): void => {
    const declaration = owner.declarations.names.get(name);
    if (!declaration || seen.has(`${owner.key} ${name}`)) return;
    seen.add(`${owner.key} ${name}`);
    waiting.push({ cell: owner, start: declaration.start }, ...project.consumers(name, owner));
  };
  for (let seed = waiting.pop(); seed; seed = waiting.pop())
    for (const place of search(seed)) {
      const cell = project.cellOf(place.file);
      if (!cell) continue;
      const link = project.linkAt(cell, place.span.start);
      if (link) follow(link.name, link.cell);
      const name = cell.text.slice(place.span.start, place.span.start + place.span.length);
      if (cell.declarations.names.get(name)?.start === place.span.start) follow(name, cell);
    }
}

/** A place in a tail is the place of what it stands for; one of the tail that stands for nothing is none. */
function settled(project: NotebookProject, place: Place): Place[] {
  if (isOwnText(project, place)) return [place];
  const cell = project.cellOf(place.file);
  const link = cell && project.linkAt(cell, place.span.start);
  const declaration = link?.cell.declarations.names.get(link.name);
  if (!link || !declaration) return [];
  return [{ file: link.cell.file, span: { start: declaration.start, length: link.name.length } }];
}

function isOwnText(project: NotebookProject, { file, span }: Place): boolean {
  const cell = project.cellOf(file);
  return !cell || span.start < cell.text.length;
}

function distinct<T extends Place>(places: readonly T[]): T[] {
  const byPlace = new Map(places.map((place) => [`${place.file}:${place.span.start}`, place]));
  return [...byPlace.values()];
}
