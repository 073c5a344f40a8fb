import { isNativeError } from 'node:util/types';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findVersion } from '../version';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 10_000;

export type Inspection =
  | { readonly runnable: true; readonly version: string }
  | { readonly runnable: false; readonly reason: string; readonly cause?: unknown };

/** Reads the version of a binary. The reason of a failure completes "PATH names X, which ...". */
export async function inspectBinary(binary: string): Promise<Inspection> {
  try {
    const { stdout } = await run(binary, ['--version'], { timeout: VERSION_TIMEOUT_MS, windowsHide: true });
    const version = findVersion(stdout);
    return version === undefined
      ? { runnable: false, reason: 'does not print a version' }
      : { runnable: true, version };
  } catch (cause) {
    return { runnable: false, reason: reasonOf(cause), cause };
  }
}

function reasonOf(cause: unknown): string {
  const code = isNativeError(cause) && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'is not executable';
  return `fails on --version (${typeof code === 'string' || typeof code === 'number' ? code : 'no output'})`;
}
