/** Refuses an option of `connectionOptions` when `wrong`. */
export type RefuseOption = (wrong: boolean, option: string, value: unknown, remedy: string) => void;

/** Stands in an error for what may be a secret. */
export const NOT_SHOWN = '(not shown)';
