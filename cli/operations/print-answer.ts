/** Prints the result of an operation: its lines, or JSON for scripts. */
export function printAnswer(
  { result, text }: { readonly result: unknown; readonly text: readonly string[] },
  { json = false }: { readonly json?: boolean },
): void {
  process.stdout.write(`${json ? JSON.stringify(result, null, 2) : text.join('\n')}\n`);
}
