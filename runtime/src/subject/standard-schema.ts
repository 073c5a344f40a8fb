/**
 * A schema of any library that follows https://standardschema.dev (zod, valibot, arktype and
 * others). The specification asks to copy its interface rather than to depend on it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Judges a value: the output, or the issues. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type TypesOf<Schema> = Schema extends StandardSchema ? NonNullable<Schema['~standard']['types']> : never;

/** What a schema takes. */
export type SchemaInput<Schema> = TypesOf<Schema>['input'];

/** What a schema gives: the type of the event. */
export type SchemaOutput<Schema> = TypesOf<Schema>['output'];

/**
 * The schema itself, or a sentence. What is published is what the schema reads, so one that gives
 * what it would not take again cannot be published with.
 */
export type PublishableSchema<Schema> = Schema extends StandardSchema
  ? [SchemaOutput<Schema>] extends [SchemaInput<Schema>]
    ? Schema
    : 'this schema does not take what it gives, so what is published could not be read: transform in the handler'
  : "give a schema, or an event's type and no argument: subject<OrderCreatedEvent>()('order.created')";

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return typeof standard === 'object' && standard !== null && typeof Reflect.get(standard, 'validate') === 'function';
}
