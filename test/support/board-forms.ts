/** Returns the hidden fields of a form of the board. */
export function fieldsOf(page: string): [string, string][] {
  return [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    value.replaceAll('&amp;', '&'),
  ]);
}

/** Returns the sequence of the first dead letter of a list of the board. */
export function firstOf(page: string): string {
  return /name="select"\s+value="(\d+)"/.exec(page)?.[1] ?? '';
}
