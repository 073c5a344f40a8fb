import { delimiter, dirname } from 'node:path';

/**
 * Returns the environment for commands in a generated project. Jest's variables are removed, and
 * `node` is the one that runs the tests.
 */
export function projectEnvironment(set: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const {
    NODE_ENV: _env,
    JEST_WORKER_ID: _worker,
    NODE_OPTIONS: _options,
    FORCE_COLOR: _color,
    ...inherited
  } = process.env;
  return {
    ...inherited,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    CI: 'true',
    NO_COLOR: '1',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    ...set,
  };
}
