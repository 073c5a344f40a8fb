/** What a text says, with a full stop at its end, unless it has one: what users throw often has. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
