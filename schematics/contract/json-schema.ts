/** The subset of JSON Schema draft-07 that `contract` writes. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  format?: string;
  pattern?: string;
  description?: string;
  deprecated?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema | JsonSchema[];
  additionalItems?: JsonSchema | boolean;
  minItems?: number;
  maxItems?: number;
}

/** Combines schemas of a union. Its members are in one order whatever the compiler's is. */
export function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const literals = schemas.flatMap((schema) => ('const' in schema ? [schema.const] : []));
  const others = schemas.filter((schema) => !('const' in schema));
  const hasBoth = literals.includes(true) && literals.includes(false);
  const values = hasBoth ? literals.filter((value) => typeof value !== 'boolean') : literals;
  const parts = [
    ...(values.length === 1 ? [{ const: values[0] }] : []),
    ...(values.length > 1 ? [{ enum: sorted(values) }] : []),
    ...(hasBoth ? [{ type: 'boolean' }] : []),
    ...others,
  ];
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { anyOf: parts };
}

/**
 * Adds a description to a schema. Keywords beside a `$ref` have no effect, so such a schema is
 * wrapped.
 */
export function described(schema: JsonSchema, { text, isDeprecated }: Documentation): JsonSchema {
  const keywords = {
    ...(text === '' ? {} : { description: text }),
    ...(isDeprecated ? { deprecated: true } : {}),
  };
  if (Object.keys(keywords).length === 0) return schema;
  return schema.$ref === undefined ? { ...schema, ...keywords } : { allOf: [schema], ...keywords };
}

/** The parts of a doc comment that a schema has. */
export interface Documentation {
  readonly text: string;
  readonly isDeprecated: boolean;
}

/** Sorts the members of all unions. The names of definitions must be final. */
export function sortUnions(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const child of Object.values(value)) sortUnions(child);
  const { anyOf: members } = value as JsonSchema;
  if (Array.isArray(members)) (value as JsonSchema).anyOf = sorted(members);
}

function sorted<Value>(values: readonly Value[]): Value[] {
  const keyed = [...new Map(values.map((value) => [JSON.stringify(value), value]))];
  return keyed.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
}
