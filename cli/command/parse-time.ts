import { InvalidArgumentError } from 'commander';
import { durationMillis, durationOption } from '../../schematics/shared/duration';

/** Parses a time, or a duration before now. */
export function parseTime(text: string): Date {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const time = new Date(text);
    if (!Number.isNaN(time.getTime())) return time;
  }
  try {
    return new Date(Date.now() - durationMillis(durationOption('since', text)));
  } catch {
    throw new InvalidArgumentError('Expected a duration such as 10m, or a time such as 2026-01-31T12:00.');
  }
}
