import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SourceFailure } from './source';

const run = promisify(execFile);

/** Unpacks an archive with the system's tar. On Windows, this is bsdtar, which also reads zip. */
export async function extractArchive(folder: string, archive: string, signal: AbortSignal): Promise<void> {
  try {
    // Paths are relative, because GNU tar takes the colon of `C:\…` for a host. Owners are dropped,
    // because root would keep the packager's.
    await run('tar', ['-x', '--no-same-owner', '-f', archive], { cwd: folder, signal, windowsHide: true });
  } catch (cause) {
    signal.throwIfAborted();
    throw new SourceFailure(`tar cannot unpack ${archive}`, { cause });
  }
}

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** Returns a file's SHA-256 checksum from the output of sha256sum. */
export function findChecksum(sums: string, file: string): string | undefined {
  for (const line of sums.split(/\r?\n/)) {
    const [, sum, name] = LINE.exec(line) ?? [];
    if (name === file) return sum;
  }
  return undefined;
}
