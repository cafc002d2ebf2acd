import { ProtobufWriter } from "./protobuf.js";

const TYPES = { float32: 1, int64: 7 } as const;
const OPSET = 17;
/** The version of the file format that came with that opset. */
const IR_VERSION = 8;

/** A value of a graph; a string is a free dimension. */
export interface GraphPort {
  readonly name: string;
  /** Default float32. */
  readonly type?: keyof typeof TYPES;
  readonly shape: readonly (number | string)[];
}

export interface GraphNode {
  /** Of the standard operators, opset 17. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A small computation that we make ourselves: to test a device with, and to keep a sampler's arithmetic on it. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly nodes: readonly GraphNode[];
  readonly constants?: readonly GraphConstant[];
}

/** The graph as the bytes of an ONNX file. Field numbers: onnx/onnx.proto of ONNX 1.12. */
export function encodeGraph(graph: Graph): Uint8Array {
  const body = new ProtobufWriter();
  for (const node of graph.nodes) body.message(1, nodeOf(node));
  body.text(2, graph.name);
  for (const constant of graph.constants ?? []) body.message(5, tensorOf(constant));
  for (const port of graph.inputs) body.message(11, portOf(port));
  for (const port of graph.outputs) body.message(12, portOf(port));
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, "diffusion-notebook")
    .message(7, body)
    .message(8, new ProtobufWriter().text(1, "").integer(2, OPSET))
    .finish();
}

function nodeOf({ operator, inputs, outputs, attributes = {} }: GraphNode): ProtobufWriter {
  const node = new ProtobufWriter();
  for (const input of inputs) node.text(1, input);
  for (const output of outputs) node.text(2, output);
  node.text(3, outputs[0] ?? operator).text(4, operator);
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new ProtobufWriter().text(1, name);
    if (typeof value === "number") attribute.integer(3, value).integer(20, 2);
    else {
      for (const item of value) attribute.integer(8, item);
      attribute.integer(20, 7);
    }
    node.message(5, attribute);
  }
  return node;
}

function tensorOf({ name, shape, data }: GraphConstant): ProtobufWriter {
  const tensor = new ProtobufWriter();
  for (const side of shape) tensor.integer(1, side);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return tensor.integer(2, TYPES.float32).text(8, name).bytes(9, bytes);
}

function portOf({ name, type = "float32", shape }: GraphPort): ProtobufWriter {
  const sides = new ProtobufWriter();
  for (const side of shape) {
    const dimension = new ProtobufWriter();
    if (typeof side === "number") dimension.integer(1, side);
    else dimension.text(2, side);
    sides.message(1, dimension);
  }
  const tensor = new ProtobufWriter().integer(1, TYPES[type]).message(2, sides);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
