/** What the runner says to this program: an object as its only argument. */
export const given = JSON.parse(process.argv[2] ?? '{}');

/** Ends the program with its figures, which the runner reads from the last line. */
export function finish(figures) {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}
