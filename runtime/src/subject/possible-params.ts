import type { Mistake } from './mistake';

// What `for` refuses of a template's values at run time, said by the compiler, as far as literals
// tell.

type WhiteSpace = ' ' | '\t' | '\n' | '\r';

type NoToken = '' | '*' | '>' | `$${string}` | `${string}.${string}` | `${string}${WhiteSpace}${string}`;

/**
 * The values of captured tokens: `Known`, or where a literal can be no token, `Known` with a
 * mistake in its place. `Given` is inferred from the first branch, which nothing else takes.
 */
export type PossibleParams<Given, Known> =
  Given extends Mistake<never> ? Given : OrMistakes<Known, Pick<Given, keyof Given & keyof Known>>;

type OrMistakes<Known, Given> = [WrongNames<Given>] extends [never]
  ? Known
  : { readonly [Name in keyof Known]: Name extends WrongNames<Given> ? WrongValue<Given, Name> : Known[Name] };

type WrongNames<Given> = { [Name in keyof Given]: [Wrong<Given[Name]>] extends [never] ? never : Name }[keyof Given];

/** Those of a value that are no token; none of what run time knows only. */
type Wrong<Value> = string extends Value ? never : Extract<Value, NoToken>;

type WrongValue<Given, Name> = Name extends keyof Given ? Mistake<Sentence<Wrong<Given[Name]>>> : never;

type Sentence<Value> = Value extends ''
  ? 'a captured token is not empty: give it a value'
  : Value extends '*' | '>'
    ? `'${Value}' is a wildcard: what is published needs a value of its own`
    : Value extends `$${string}`
      ? `'${Value}' begins with '$', which is the server's: give another value`
      : Value extends `${string}.${string}`
        ? `'${Value}' has a '.', and would be more than one token: replace it`
        : Value extends string
          ? `'${Value}' has white space, which no subject may have`
          : never;
