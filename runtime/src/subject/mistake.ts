declare const MISTAKE: unique symbol;

/**
 * In the place of what a program got wrong: nothing is assignable to it, and the compiler's error
 * shows the sentence.
 */
export interface Mistake<Sentence> {
  readonly [MISTAKE]: Sentence;
}
