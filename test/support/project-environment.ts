import { delimiter, dirname } from 'node:path';

/**
 * The environment of a command in a generated project: jest's own variables would change what the
 * project does, and its `node` must be the one that runs the tests.
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
