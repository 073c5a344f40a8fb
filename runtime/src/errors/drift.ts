/** A field that the server has otherwise than the code declares. */
export interface Drift {
  readonly field: string;
  readonly declared: unknown;
  readonly actual: unknown;
}

/** Each difference with both values, for people. */
export function driftText(drift: readonly Drift[]): string {
  return drift
    .map(({ field, declared, actual }) => `${field} is ${shown(actual)}, declared ${shown(declared)}`)
    .join('; ');
}

/** What an update did, for logs. */
export function changeText(drift: readonly Drift[]): string {
  return drift.map(({ field, declared, actual }) => `${field} ${shown(actual)} → ${shown(declared)}`).join(', ');
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
