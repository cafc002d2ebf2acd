// What a search and a comparison save, field by field, from the types and their comments: the definitions in media/dnb.schema.json and the
// page docs/records.md. `node scripts/recordFields.mjs` writes both; test/document/schema.test.ts says when they are out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { format } from "prettier";
import ts from "typescript";

const FILES = ["src/search/record.ts", "src/search/reportRecord.ts"];
const ROOTS = ["SearchOutput", "ReportRecord"];
const SCHEMA = "media/dnb.schema.json";
const PAGE = "docs/records.md";
/** Lists that may be written as tables (`src/document/columns`). */
const TABLES = ["candidates", "rounds"];

/** Both texts as they should be. */
export async function recordFields() {
  const named = declarations();
  const used = reachable(named);
  const schema = JSON.parse(readFileSync(SCHEMA, "utf8"));
  const own = Object.entries(schema.definitions).filter(([name]) => !/^[A-Z]/.test(name));
  const made = used.map((name) => [name, definition(named, named.get(name))]);
  schema.definitions = Object.fromEntries([...own, ...made]);
  return [
    { file: SCHEMA, text: await format(JSON.stringify(schema), { parser: "json", printWidth: 110 }) },
    { file: PAGE, text: page(named, used) },
  ];
}

/** Exported interfaces and type aliases by name. */
function declarations() {
  const named = new Map();
  for (const file of FILES)
    ts.forEachChild(
      ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true),
      (node) => {
        if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
          named.set(node.name.text, node);
      },
    );
  return named;
}

/** Names of the interfaces that a saved output is made of, outermost first. */
function reachable(named) {
  const found = new Set();
  const visit = (node) => {
    if (ts.isTypeReferenceNode(node) && named.has(node.typeName.getText())) add(node.typeName.getText());
    ts.forEachChild(node, visit);
  };
  const add = (name) => {
    const node = named.get(name);
    if (ts.isTypeAliasDeclaration(node)) return visit(node.type);
    found.add(name);
  };
  for (const root of ROOTS) {
    found.add(root);
    // A set's loop comes to what is added meanwhile.
    for (const name of found) visit(named.get(name));
  }
  return [...found];
}

function definition(named, node) {
  const description = commentOf(node);
  return { ...(description && { description }), ...objectOf(named, node.members) };
}

function objectOf(named, members) {
  const properties = members.filter(ts.isPropertySignature).map((member) => {
    const [key, description] = [member.name.text, commentOf(member)];
    const schema = schemaOf(named, member.type);
    const isTable = schema.items?.$ref && TABLES.includes(key);
    const either = isTable ? { anyOf: [schema, ref("table")] } : schema;
    return [key, { ...either, ...(description && { description }) }];
  });
  const isOpen = members.some(ts.isIndexSignatureDeclaration);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(isOpen && { additionalProperties: true }),
  };
}

/** A type as a JSON schema; one that is not known here stops the script. */
function schemaOf(named, type) {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: "string" };
    case ts.SyntaxKind.NumberKeyword:
      return { type: "number" };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: "boolean" };
    case ts.SyntaxKind.UnknownKeyword:
      return {};
  }
  if (ts.isTypeOperatorNode(type)) return schemaOf(named, type.type);
  if (ts.isLiteralTypeNode(type)) return { const: JSON.parse(type.literal.getText()) };
  if (ts.isArrayTypeNode(type)) return { type: "array", items: schemaOf(named, unwrapped(type.elementType)) };
  if (ts.isTupleTypeNode(type)) {
    const items = type.elements.map((one) => schemaOf(named, ts.isNamedTupleMember(one) ? one.type : one));
    return { type: "array", items, minItems: items.length, maxItems: items.length };
  }
  if (ts.isTypeLiteralNode(type)) return objectOf(named, type.members);
  if (ts.isUnionTypeNode(type)) {
    const options = type.types.map((one) => schemaOf(named, one));
    return options.every((one) => "const" in one)
      ? { enum: options.map((one) => one.const) }
      : { anyOf: options };
  }
  if (ts.isIndexedAccessTypeNode(type)) return schemaOf(named, memberOf(named, type));
  if (ts.isTypeReferenceNode(type)) {
    const name = type.typeName.getText();
    if (name === "Readonly") return schemaOf(named, type.typeArguments[0]);
    if (name === "Record")
      return { type: "object", additionalProperties: schemaOf(named, type.typeArguments[1]) };
    const target = named.get(name);
    if (target) return ts.isTypeAliasDeclaration(target) ? schemaOf(named, target.type) : ref(name);
  }
  throw new Error(`no schema is known for the type ${type.getText()}`);
}

const ref = (name) => ({ $ref: `#/definitions/${name}` });

const unwrapped = (type) => (ts.isParenthesizedTypeNode(type) ? type.type : type);

/** `SearchRecord["algorithm"]`. */
function memberOf(named, { objectType, indexType }) {
  const member = named
    .get(objectType.getText())
    .members.find(({ name }) => name.text === indexType.literal.text);
  return member.type;
}

/** The comment above a declaration, as one line. */
function commentOf(node) {
  const [comment] = (node.jsDoc ?? []).slice(-1);
  return (ts.getTextOfJSDocComment(comment?.comment) ?? "").replace(/\s+/g, " ").trim();
}

function page(named, used) {
  const sections = used.map((name) => {
    const node = named.get(name);
    const rows = rowsOf(named, node.members, "");
    const head = [`## ${name}`, "", ...(commentOf(node) ? [commentOf(node), ""] : [])];
    return [...head, "| key | value | meaning |", "|---|---|---|", ...rows, ""].join("\n");
  });
  return [
    "# What a search and a comparison save",
    "",
    "The `json` of an item whose MIME type is `application/vnd.dnb.search+json` is a [SearchOutput](#searchoutput), that of",
    "`application/vnd.dnb.report+json` a [ReportRecord](#reportrecord). `node scripts/recordFields.mjs` writes this page from the types in",
    "`src/search/record.ts` and `src/search/reportRecord.ts`. How long lists of them are written is told in [format.md](format.md).",
    "",
    ...sections,
  ]
    .join("\n")
    .replace(/\n+$/, "\n");
}

/** Keys of an object inside are rows of their own: `model.sha256`. */
function rowsOf(named, members, prefix) {
  return members.filter(ts.isPropertySignature).flatMap((member) => {
    const key = `${prefix}${member.name.text}`;
    const optional = member.questionToken ? ", optional" : "";
    const row = `| \`${key}\` | ${wordsOf(named, member.type)}${optional} | ${commentOf(member).replaceAll("|", "\\|")} |`;
    const inner = partsOf(member.type).find(ts.isTypeLiteralNode);
    return inner ? [row, ...rowsOf(named, inner.members, `${key}.`)] : [row];
  });
}

/** What a value of the type may be, or, of an array, its items. */
function partsOf(type) {
  const whole = bare(type);
  if (ts.isArrayTypeNode(whole)) return partsOf(unwrapped(whole.elementType));
  return ts.isUnionTypeNode(whole) ? whole.types : [whole];
}

const bare = (type) => (ts.isTypeOperatorNode(type) ? bare(type.type) : type);

/** A type in words, as the tables of docs/format.md say it. */
function wordsOf(named, type) {
  const inner = bare(type);
  if (ts.isLiteralTypeNode(inner)) return `\`${inner.literal.getText()}\``;
  if (ts.isArrayTypeNode(inner))
    return `array of ${wordsOf(named, unwrapped(inner.elementType)).replace(/^(string|number|object)$/, "$1s")}`;
  if (ts.isTupleTypeNode(inner)) return `array of ${inner.elements.length} numbers`;
  if (ts.isTypeLiteralNode(inner)) return "object";
  if (ts.isUnionTypeNode(inner)) return inner.types.map((one) => wordsOf(named, one)).join(", ");
  if (ts.isIndexedAccessTypeNode(inner)) return wordsOf(named, memberOf(named, inner));
  if (inner.kind === ts.SyntaxKind.UnknownKeyword) return "any JSON value";
  if (!ts.isTypeReferenceNode(inner)) return inner.getText();
  const name = inner.typeName.getText();
  if (name === "Readonly") return wordsOf(named, inner.typeArguments[0]);
  if (name === "Record") {
    const values = wordsOf(named, inner.typeArguments[1]);
    return values === "any JSON value" ? "object" : `object of ${values}s`;
  }
  const target = named.get(name);
  return ts.isTypeAliasDeclaration(target)
    ? wordsOf(named, target.type)
    : `[${name}](#${name.toLowerCase()})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const { file, text } of await recordFields()) writeFileSync(file, text);
