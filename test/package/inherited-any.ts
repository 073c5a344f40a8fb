/** Members of Nest's own classes whose types have `any`: not ours to change. Anything else in the list is ours. */
export const INHERITED_ANY: readonly string[] = [];
