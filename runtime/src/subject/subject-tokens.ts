/** Tokens of a subject. */
export type Tokens<Subject extends string> = Subject extends `${infer Head}.${infer Rest}`
  ? [Head, ...Tokens<Rest>]
  : [Subject];

/** True for a subject with a token `*` or `>`. */
export type HasWildcard<Subject extends string> = [Extract<Tokens<Subject>[number], '*' | '>'>] extends [never]
  ? false
  : true;

/**
 * True for `string`, and for a template literal type such as `order.${string}`. Their tokens are
 * known at run time only.
 */
export type IsOpen<Subject extends string> = string extends Tokens<Subject>[number] ? true : false;
