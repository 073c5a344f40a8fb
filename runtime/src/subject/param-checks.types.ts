import type { PARAM_RULES } from './subject-rules';
import type { JetStreamTypeError } from './type-error.types';

// Checks of `SubjectTemplate.for`, as far as literal types show the values.

type WhiteSpace = ' ' | '\t' | '\n' | '\r';

type InvalidToken = '' | '*' | '>' | `$${string}` | `${string}.${string}` | `${string}${WhiteSpace}${string}`;

/**
 * Values of captured tokens. `Known` is their type, with a type error in place of a literal that
 * cannot be a token. The compiler infers `Given` from the first branch, which accepts nothing else.
 */
export type CheckedParams<Given, Known> =
  Given extends JetStreamTypeError<never> ? Given : OrTypeErrors<Known, Pick<Given, keyof Given & keyof Known>>;

type OrTypeErrors<Known, Given> = [InvalidNames<Given>] extends [never]
  ? Known
  : {
      readonly [Name in keyof Known]: Name extends InvalidNames<Given> ? ParamError<Given, Name> : Known[Name];
    };

type InvalidNames<Given> = {
  [Name in keyof Given]: [InvalidValue<Given[Name]>] extends [never] ? never : Name;
}[keyof Given];

/** The literals of a value that cannot be a token. `never` for values that only run time knows. */
type InvalidValue<Value> = string extends Value ? never : Extract<Value, InvalidToken>;

type ParamError<Given, Name> = Name extends keyof Given & string
  ? JetStreamTypeError<ParamMessage<InvalidValue<Given[Name]>, Name>>
  : never;

type ParamMessage<Value, Name extends string> = Value extends string
  ? `Value '${Value}' of ':${Name}' ${(typeof PARAM_RULES)[BrokenRule<Value>]}`
  : never;

type BrokenRule<Value extends string> = Value extends ''
  ? 'empty'
  : Value extends '*' | '>'
    ? 'wildcard'
    : Value extends `$${string}`
      ? 'reserved'
      : Value extends `${string}.${string}`
        ? 'dot'
        : 'whiteSpace';
