import { UnsupportedByServerError } from '../errors/admin.errors';

/**
 * An older server takes a request that it does not know, and never answers.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function requireServer(task: string, version: string, minimum: string): void {
  // While a connection is made anew, nobody has said what the server is.
  if (version === '') return;
  const [major = 0, minor = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(minimum);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new UnsupportedByServerError(task, version, minimum);
}

function numbers(version: string): number[] {
  return version.split(/[.-]/, 2).map(Number);
}
