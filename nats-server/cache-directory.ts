import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where fetched binaries are kept: the platform's per-user cache. */
export function cacheDirectory(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  return join(userCache(env, platform), 'nest-jetstream');
}

function userCache(env: Environment, platform: NodeJS.Platform): string {
  // The XDG variable is honoured everywhere: whoever sets it means it.
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return join(homedir(), '.cache');
}
