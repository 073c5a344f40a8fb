import { appendFileSync } from 'node:fs';
import type { Account } from './account';
import { duplicatesOf } from './verdict';

/**
 * Appends one line per proof to the file that CONFORMANCE_RESULTS names. The figures of
 * docs/internals/conformance.md come from it.
 */
export function recordResult(account: Account): void {
  const file = process.env['CONFORMANCE_RESULTS'];
  if (!file) return;
  const { ok, unknown, failed, handled, dead, pending } = account;
  const result = {
    test: expect.getState().currentTestName,
    ok: ok.size,
    unknown: unknown.size,
    failed: failed.size,
    handled: handled.size,
    dead: dead.size,
    pending: pending.size,
    ...duplicatesOf(account),
  };
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}
