import { UnsupportedByServerError } from '../errors/admin.errors';

/**
 * Checks the version of the server. Older servers ignore fields and requests that they do not
 * support.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function requireServer(task: string, version: string, minimum: string): void {
  // The version is unknown during a reconnect.
  if (version === '') return;
  const [major = 0, minor = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(minimum);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new UnsupportedByServerError(task, version, minimum);
}

function numbers(version: string): number[] {
  return version.split(/[.-]/, 2).map(Number);
}
