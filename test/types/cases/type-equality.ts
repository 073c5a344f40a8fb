/** True for equal types. `any` equals only itself. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles when its argument is `true`. */
export type Expect<Truth extends true> = Truth;
