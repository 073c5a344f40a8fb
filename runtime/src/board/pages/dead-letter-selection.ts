import type { DeadLetterChangeOptions } from '../../operations';
import { operate } from '../../operations/with-session';
import { deadLetterStreamName } from '../../stream/dead-letter-stream';
import { findStream } from '../../stream/find-stream';
import { html, type Html } from '../html';
import type { Visit } from '../visit';
import { filterFields, fixedFields, type FilterFields } from './dead-letter-filter';

/** Dead letters that a form selects: those with a checked box, or all of a filter. */
export interface Selection {
  /** Options of a dry run, or of the change that follows it. */
  readonly options: Omit<DeadLetterChangeOptions, 'stream'>;
  /** Fields of the filter. Empty for dead letters that were selected one by one. */
  readonly fields: FilterFields;
  readonly sequences: readonly number[];
  readonly isAll: boolean;
  /** True if the form has the bounds of what its page has shown. */
  readonly isBounded: boolean;
  readonly isConfirmed: boolean;
}

/**
 * Reads the selection of a form. Without bounds, it is not confirmed.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function selectionOf({ form }: Visit): Selection {
  const streamCreated = form.get('created') ?? '';
  const filter = form.get('filter');
  const hasConfirmed = form.get('confirmed') === 'yes';
  const sequences = form.getAll('select').map(Number).filter(Number.isSafeInteger);
  // Neither an empty selection nor a missing filter selects everything.
  if (form.get('all') !== 'yes' || filter === null) {
    const selection = streamCreated === '' ? undefined : { streamCreated };
    const isBounded = selection !== undefined;
    const options = { deadLetterSequences: sequences, selection };
    return { options, fields: {}, sequences, isAll: false, isBounded, isConfirmed: hasConfirmed && isBounded };
  }
  const last = form.get('last') ?? '';
  const isBounded = streamCreated !== '' && /^\d{1,15}$/.test(last);
  const selection = streamCreated === '' ? undefined : { streamCreated, ...(isBounded && lastOf(last)) };
  const fields = fixedFields(filterFields(new URLSearchParams(filter)));
  const options = { ...fields, selection };
  return { options, fields, sequences: [], isAll: true, isBounded, isConfirmed: hasConfirmed && isBounded };
}

function lastOf(last: string): { readonly lastDeadLetterSequence: number } {
  return { lastDeadLetterSequence: Number(last) };
}

/** Makes the hidden fields of a form. They repeat what its page has shown. */
export function hiddenFields(fields: Readonly<Record<string, string | number | undefined>>): Html[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`],
  );
}

/** Writes a filter as one field. Its encoding keeps control characters, which a page escapes. */
export function encodedFilter(fields: FilterFields): string {
  return new URLSearchParams(fields).toString();
}

/**
 * Returns the time at which the dead-letter stream was created, or undefined without one. Read it
 * before the dead letters of a page: a recreated stream reuses their sequences.
 */
export async function deadLettersCreated({ session, params }: Visit): Promise<string | undefined> {
  const stream = deadLetterStreamName(params['stream'] ?? '');
  const task = { what: `look up stream '${stream}'`, stream };
  return operate(session, task, async ({ manager }) => (await findStream(manager, stream))?.created);
}
