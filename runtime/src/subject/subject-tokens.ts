export type Tokens<Subject extends string> = Subject extends `${infer Head}.${infer Rest}`
  ? [Head, ...Tokens<Rest>]
  : [Subject];

/** True for a pattern: a subject with a token `*` or `>`. */
export type HasWildcard<Subject extends string> = [Extract<Tokens<Subject>[number], '*' | '>'>] extends [never]
  ? false
  : true;

/**
 * True for `string`, and for a template such as `order.${string}`: its tokens are known at run time
 * only.
 */
export type IsOpen<Subject extends string> = string extends Tokens<Subject>[number] ? true : false;
