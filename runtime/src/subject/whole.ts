/**
 * Keeps a condition from being asked of each part of a union. A tuple would do, but the compiler
 * then compares all members of tuples, and a project has hundreds of subjects and handlers.
 */
export interface Whole<out Type> {
  readonly whole: Type;
}
