import { messageOf } from "../../check.js";
import { InputError } from "../../inputError.js";
import { fieldsOf, integersOf, nameOf, textOf, WireError, type Field } from "./wire.js";

/** A constant of an ONNX graph, without its values. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Of its values by dims and type; undefined for types without a fixed size. */
  readonly bytes: number | undefined;
  /** Where the values are, if not in the graph. As the file says it: nothing is checked. */
  readonly external?: {
    readonly location: string;
    readonly offset: number;
    readonly length: number | undefined;
  };
}

/** Bytes of one value by TensorProto.DataType; the 4-bit ones (21, 22, 23) have half a byte. */
const SIZES: Readonly<Record<number, number>> = {
  ...{ 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2 },
  ...{ 17: 1, 18: 1, 19: 1, 20: 1, 21: 0.5, 22: 0.5, 23: 0.5, 24: 1 },
};

/**
 * All constants of an ONNX file (onnx.proto): initializers, sparse ones, and those in attributes of nodes, of subgraphs and of functions.
 * Throws a `WireError` where the bytes are no ONNX model.
 */
export function onnxTensors(model: Uint8Array): OnnxTensor[] {
  const tensors: OnnxTensor[] = [];
  let graphs = 0;
  for (const field of fieldsOf(model)) {
    if (field.number === 7) {
      graphs++;
      graph(field.bytes, tensors, 0);
    } else if (field.number === 20) each(field.bytes, { 1: graph, 2: graph }, tensors, 0);
    else if (field.number === 25) each(field.bytes, { 7: node }, tensors, 0);
  }
  if (graphs !== 1) throw new WireError(`it holds ${graphs} graphs`);
  return tensors;
}

/** The same of a file that a user gave; what is wrong with it is said by name. */
export function readTensors(file: string, model: Uint8Array): OnnxTensor[] {
  try {
    return onnxTensors(model);
  } catch (error) {
    throw new InputError(
      `${file} is no graph that the runtime can load, or it is truncated: ${messageOf(error)}. It has ${model.length} bytes. Fetch or export it again.`,
    );
  }
}

type Visit = (bytes: Uint8Array, found: OnnxTensor[], depth: number) => void;

const graph: Visit = (bytes, found, depth) => {
  if (depth > 64) throw new WireError("its graphs lie more than 64 deep in each other");
  each(bytes, { 1: node, 5: tensor, 15: sparse }, found, depth);
};
const node: Visit = (bytes, found, depth) => each(bytes, { 5: attribute }, found, depth);
const attribute: Visit = (bytes, found, depth) =>
  each(bytes, { 5: tensor, 6: graph, 10: tensor, 11: graph, 22: sparse, 23: sparse }, found, depth + 1);
const sparse: Visit = (bytes, found, depth) => each(bytes, { 1: tensor, 2: tensor }, found, depth);

function each(
  bytes: Uint8Array,
  visits: Readonly<Record<number, Visit>>,
  found: OnnxTensor[],
  depth: number,
): void {
  for (const field of fieldsOf(bytes)) visits[field.number]?.(field.bytes, found, depth);
}

function tensor(bytes: Uint8Array, found: OnnxTensor[]): void {
  const dims: number[] = [];
  const entries = new Map<string, string>();
  let [name, type, elsewhere] = ["", 0, false];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) dims.push(...integersOf(field).map(Number));
    else if (field.number === 2) type = Number(field.value);
    else if (field.number === 8) name = textOf(field);
    else if (field.number === 13) entries.set(...entry(field));
    else if (field.number === 14) elsewhere = field.value === 1n;
  }
  const size = SIZES[type];
  const count = dims.reduce((product, side) => product * side, 1);
  if (dims.some((side) => side < 0) || !Number.isSafeInteger(count))
    throw new WireError(`tensor "${name}" has the shape [${dims.join(", ")}], which no tensor has`);
  // The runtime goes by either sign, so both count.
  const external = elsewhere || entries.size > 0 ? place(name, entries) : undefined;
  found.push({
    name,
    dims,
    bytes: size === undefined ? undefined : Math.ceil(count * size),
    ...(external ? { external } : {}),
  });
}

function entry(field: Field): [string, string] {
  let [key, value] = ["", ""];
  for (const part of fieldsOf(field.bytes)) {
    if (part.number === 1) key = nameOf(part);
    else if (part.number === 2) value = nameOf(part);
  }
  return [key, value];
}

function place(name: string, entries: ReadonlyMap<string, string>): NonNullable<OnnxTensor["external"]> {
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new WireError(
      `tensor "${name}" has the ${key} ${JSON.stringify(text)}, which is no number of bytes`,
    );
  };
  return { location: entries.get("location") ?? "", offset: number("offset") ?? 0, length: number("length") };
}
