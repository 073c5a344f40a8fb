import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';

const require = createRequire(import.meta.url);
const GIGABYTE = 2 ** 30;

const versionOf = (name) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;

/** Returns the conditions of the measurement, without identifying the machine. */
export function conditions(serverVersion) {
  return {
    node: process.versions.node,
    'nats-server': serverVersion,
    'nats.js': versionOf('@nats-io/transport-node'),
    nest: versionOf('@nestjs/core'),
    machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / GIGABYTE)} GB, ${process.platform} ${process.arch}`,
  };
}
