import type { ChangedProperty, IsChangedByJson } from './json-value.types';

/**
 * A schema of a library that implements https://standardschema.dev, such as zod, valibot and
 * arktype. The specification recommends to copy this interface instead of depending on it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Validates a value and returns its output, or the issues. */
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

/** Input type of a schema: the type of published events. */
export type SchemaInput<Schema> = TypesOf<Schema>['input'];

/** Output type of a schema: the type that handlers receive. */
export type SchemaOutput<Schema> = TypesOf<Schema>['output'];

/**
 * The schema, or an error message. Its input must be a JSON value, because it validates decoded
 * events. Its output may have any type.
 */
export type SubjectSchema<Schema> = Schema extends StandardSchema
  ? IsChangedByJson<SchemaInput<Schema>> extends true
    ? ChangedMessage<ChangedProperty<SchemaInput<Schema>>>
    : Schema
  : "Pass a Standard Schema without a type argument, or write subject<OrderCreatedEvent>()('order.created').";

type ChangedMessage<Property> =
  `JSON changes the type of ${Quoted<Property>}, so no message matches this schema. Use a type of JSON, such as string.`;

type Quoted<Property> = [Property] extends [never] ? 'this event' : `'${Property & string}'`;

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return typeof standard === 'object' && standard !== null && typeof Reflect.get(standard, 'validate') === 'function';
}
