import { delimiter } from 'node:path';

// npm exports the state of its own run to its scripts. A child npm in another project would use it
// as configuration, and binaries of this repository on PATH would hide missing ones of the project.
const NPM_RUN_STATE =
  /^(npm_(package|lifecycle)_.*|npm_(command|execpath|node_execpath)|npm_config_(local_prefix|prefix)|INIT_CWD|NODE)$/i;
const COLOR = /^FORCE_COLOR$/i;
const NPM_PATH_ENTRY = /node_modules[\\/]\.bin|node-gyp-bin/;

/**
 * Returns an environment for a child process, as if the user had started it from a shell. Colors
 * are disabled, because the output is captured.
 * @param {{ firstOnPath?: string, set?: Record<string, string> }} [options]
 * @returns {Record<string, string>}
 */
export function childEnvironment({ firstOnPath, set = {} } = {}) {
  const left = [NPM_RUN_STATE, COLOR, /^path$/i];
  const inherited = Object.entries(process.env).filter(([name]) => !left.some((pattern) => pattern.test(name)));
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !NPM_PATH_ENTRY.test(entry));
  if (firstOnPath) path.unshift(firstOnPath);
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', PATH: path.join(delimiter), ...set };
}
