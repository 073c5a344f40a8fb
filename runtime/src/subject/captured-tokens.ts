import type { Tokens } from './subject-tokens';

/** The names that a template captures: `'region' | 'id'` of `'order.:region.:id.created'`. */
export type CapturedNames<Template extends string> = string extends Template
  ? string
  : NameOf<Tokens<Template>[number]>;

type NameOf<Token> = Token extends `:${infer Name}` ? Name : never;

/** The values of a template's captured tokens, by name. */
export type SubjectParams<Template extends string> = { readonly [Name in CapturedNames<Template>]: string };

/**
 * The template with each captured token replaced: by `*` for its pattern, by `string` for the
 * subjects made from it.
 */
export type WithCaptured<
  Template extends string,
  Replacement extends string,
> = Template extends `${infer Token}.${infer Rest}`
  ? `${Replaced<Token, Replacement>}.${WithCaptured<Rest, Replacement>}`
  : Replaced<Template, Replacement>;

type Replaced<Token extends string, Replacement extends string> = Token extends `:${string}` ? Replacement : Token;

/** The first name that stands in a template twice. */
export type CapturedTwice<Template extends string> = Twice<Tokens<Template>>;

type Twice<Listed extends readonly string[]> = Listed extends readonly [
  infer Token extends string,
  ...infer Rest extends readonly string[],
]
  ? Token extends `:${infer Name}`
    ? Token extends Rest[number]
      ? Name
      : Twice<Rest>
    : Twice<Rest>
  : never;
