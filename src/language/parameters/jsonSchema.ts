import type { Type } from "ts-morph";

/** The part of JSON Schema (draft 7) that TypeScript's types need. */
export interface JsonSchema {
  readonly type?: "string" | "number" | "boolean" | "null" | "array" | "object";
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
}

/** Types may refer to themselves; a value that is nested deeper than this may be anything. */
const DEPTH = 6;

/** The schema of the JSON values that a type takes; `{}`, which takes any, for what JSON cannot say (functions, classes, `any`). */
export function jsonSchema(type: Type, depth = 0): JsonSchema {
  if (depth > DEPTH || type.isAny() || type.isUnknown()) return {};
  const inner = (part: Type): JsonSchema => jsonSchema(part, depth + 1);
  if (type.isBoolean()) return { type: "boolean" };
  if (type.isUnion()) return unionSchema(type, inner);
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.getLiteralValue() };
  if (type.isBooleanLiteral()) return { const: type.getText() === "true" };
  if (type.isString() || type.isTemplateLiteral()) return { type: "string" };
  if (type.isNumber()) return { type: "number" };
  if (type.isNull()) return { type: "null" };
  if (type.isTuple()) {
    const items = type.getTupleElements().map(inner);
    return { type: "array", items, minItems: items.length, maxItems: items.length };
  }
  const element = type.getArrayElementType();
  if (element) return { type: "array", items: inner(element) };
  if (type.isObject() && !type.getCallSignatures().length && !type.isClass())
    return objectSchema(type, inner);
  return {};
}

function unionSchema(type: Type, inner: (part: Type) => JsonSchema): JsonSchema {
  // Of `boolean` inside a union the compiler keeps its two halves.
  const parts = type.getUnionTypes().filter((part) => !part.isUndefined());
  const halves = parts.filter((part) => part.isBooleanLiteral());
  const rest = halves.length === 2 ? parts.filter((part) => !part.isBooleanLiteral()) : parts;
  const schemas: JsonSchema[] = [
    ...rest.map(inner),
    ...(halves.length === 2 ? [{ type: "boolean" as const }] : []),
  ];
  if (schemas.every((schema) => "const" in schema)) return { enum: schemas.map((schema) => schema.const) };
  const [only] = schemas;
  return schemas.length === 1 && only ? only : { anyOf: schemas };
}

function objectSchema(type: Type, inner: (part: Type) => JsonSchema): JsonSchema {
  const index = type.getStringIndexType();
  const properties = type.getProperties().flatMap((property) => {
    const declaration = property.getValueDeclaration() ?? property.getDeclarations()[0];
    return declaration ? [{ property, schema: inner(property.getTypeAtLocation(declaration)) }] : [];
  });
  const required = properties
    .filter(({ property }) => !property.isOptional())
    .map(({ property }) => property.getName());
  return {
    type: "object",
    ...(properties.length && {
      properties: Object.fromEntries(properties.map(({ property, schema }) => [property.getName(), schema])),
    }),
    ...(required.length && { required }),
    additionalProperties: index ? inner(index) : false,
  };
}
