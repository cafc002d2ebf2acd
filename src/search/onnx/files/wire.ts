/** Protocol buffers on the wire (protobuf.dev/programming-guides/encoding), as far as ONNX and SentencePiece files use them. */

export interface Field {
  readonly number: number;
  /** Of a varint; fixed-size values are in `bytes`. */
  readonly value: bigint;
  /** Of a length-delimited or fixed-size field: a view, not a copy. */
  readonly bytes: Uint8Array;
}

/** The bytes are no protocol buffer, or end too early. */
export class WireError extends Error {
  override readonly name = "WireError";
}

const NOTHING = new Uint8Array();

/** The fields of one message, in order. Throws a `WireError` at the first byte that cannot be. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= message.length) throw new WireError(`it ends in the middle of a number at byte ${at}`);
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError(`a number at byte ${at} is too long`);
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) {
      throw new WireError(`a field at byte ${at} has ${length} bytes, but ${message.length - at} are left`);
    }
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    // A reader of 32 bits would take it for another field.
    if (key >= 2n ** 32n) throw new WireError(`there is a field of a number beyond 2^29 at byte ${start}`);
    const number = Number(key >> 3n);
    const kind = Number(key & 7n);
    if (number === 0) throw new WireError(`there is a field 0 at byte ${start}`);
    if (kind === 0) yield { number, value: varint(), bytes: NOTHING };
    else if (kind === 1) yield { number, value: 0n, bytes: take(8) };
    else if (kind === 2) yield { number, value: 0n, bytes: take(Number(varint())) };
    else if (kind === 5) yield { number, value: 0n, bytes: take(4) };
    else throw new WireError(`there is a field of the unknown kind ${kind} at byte ${start}`);
  }
}

/** The numbers of a repeated integer field, packed or not. */
export function integersOf({ value, bytes }: Field): bigint[] {
  if (bytes.length === 0) return [value];
  const numbers: bigint[] = [];
  let number = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    number |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    numbers.push(BigInt.asIntN(64, number));
    number = shift = 0n;
  }
  return numbers;
}

const LOOSE = new TextDecoder("utf-8", { ignoreBOM: true });
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** To be shown: what is no UTF-8 is replaced. */
export function textOf({ bytes }: Pick<Field, "bytes">): string {
  return LOOSE.decode(bytes);
}

/** To go by, sign for sign. Throws a `WireError` where it is no UTF-8. */
export function nameOf({ bytes }: Field): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    throw new WireError(`it holds a name that is no UTF-8: ${JSON.stringify(textOf({ bytes }))}`);
  }
}
