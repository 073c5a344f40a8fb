import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SourceFailure } from './source';

const run = promisify(execFile);

/** Unpacks with the system's tar, which on Windows (bsdtar) knows zip as well. */
export async function extractArchive(folder: string, archive: string, signal: AbortSignal): Promise<void> {
  try {
    // Relative names, as GNU tar takes the colon of `C:\…` for a host; no owners, as root would
    // keep the packager's.
    await run('tar', ['-x', '--no-same-owner', '-f', archive], { cwd: folder, signal, windowsHide: true });
  } catch (cause) {
    signal.throwIfAborted();
    throw new SourceFailure(`tar cannot unpack ${archive}`, { cause });
  }
}

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** A file's SHA-256 sum in a text as sha256sum writes it; undefined when it is not listed. */
export function findChecksum(sums: string, file: string): string | undefined {
  for (const line of sums.split(/\r?\n/)) {
    const [, sum, name] = LINE.exec(line) ?? [];
    if (name === file) return sum;
  }
  return undefined;
}
