/**
 * The values of one key in a list of objects, or of a list itself: as they are written in a file, where naming every key again in every
 * object would take most of the room.
 */
export type Column = Present & {
  /** Rows that have the key, as ranges [from, to) one after the other; absent where all of them have it. */
  readonly in?: readonly number[];
};

type Present =
  /** The same in each row: null, a truth value, a number or a text. */
  | { readonly is: unknown }
  /** Lengths and values in turn: of rows that are the same as the one before. */
  | { readonly runs: readonly unknown[] }
  /** One value a row. */
  | { readonly rows: readonly unknown[] }
  /** Objects, key by key. */
  | { readonly columns: Readonly<Record<string, Column>> }
  /** Lists: how long each is, and what is in all of them. */
  | { readonly lists: Column; readonly items: Column };

/** A list of objects, key by key. */
export interface Table {
  readonly count: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** Objects inside each other that are taken apart; what lies deeper is written as it is. */
export const DEPTH = 5;

/**
 * Values that a table may stand for, objects and lists counted too, when so many are written out in its rows and runs: a short file must
 * not become a full memory. A search's record has about nine for each.
 */
export const roomFor = (written: number): number => 1000 + 16 * written;
