/**
 * Keeps a conditional type from distributing over a union. A tuple would do the same, but then the
 * compiler compares all members of tuples, for hundreds of subjects and handlers.
 */
export interface NonDistributive<out Type> {
  readonly type: Type;
}
