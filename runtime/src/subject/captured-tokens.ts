import type { Tokens } from './subject-tokens';

/** Names that a template captures: `'region' | 'id'` of `'order.:region.:id.created'`. */
export type CapturedNames<Template extends string> = string extends Template
  ? string
  : NameOf<Tokens<Template>[number]>;

type NameOf<Token> = Token extends `:${infer Name}` ? Name : never;

/** Values of a template's captured tokens, by name. */
export type SubjectParams<Template extends string> = { readonly [Name in CapturedNames<Template>]: string };

/**
 * The template with each captured token replaced. The replacement is `*` for the pattern of the
 * template, and `string` for its subjects.
 */
export type WithCaptured<
  Template extends string,
  Replacement extends string,
> = Template extends `${infer Token}.${infer Rest}`
  ? `${Replaced<Token, Replacement>}.${WithCaptured<Rest, Replacement>}`
  : Replaced<Template, Replacement>;

type Replaced<Token extends string, Replacement extends string> = Token extends `:${string}` ? Replacement : Token;

/** The first name that a template captures twice. */
export type DuplicateCapture<Template extends string> = FirstDuplicate<Tokens<Template>>;

type FirstDuplicate<Listed extends readonly string[]> = Listed extends readonly [
  infer Token extends string,
  ...infer Rest extends readonly string[],
]
  ? Token extends `:${infer Name}`
    ? Token extends Rest[number]
      ? Name
      : FirstDuplicate<Rest>
    : FirstDuplicate<Rest>
  : never;
