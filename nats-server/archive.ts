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
