// `npm run bench:footprint [-- <rounds>]` measures the bytes on disk and the load time that the
// transport adds to an application with the peer dependencies.
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../scripts/process/environment.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { run } from '../../scripts/process/run.mjs';
import { build } from '../../scripts/workspace/build.mjs';
import { pack } from '../../scripts/workspace/pack.mjs';
import { pinnedNodeFolder } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';

// Only the peer dependencies. An application with the NATS transport of Nest 12 already has
// transport-node.
const PEERS = [
  '@nestjs/common@^12',
  '@nestjs/core@^12',
  '@nestjs/microservices@^12',
  'reflect-metadata@^0.2',
  'rxjs@^7',
];
const LOAD = `
for (const peer of ['reflect-metadata', '@nestjs/common', '@nestjs/core', '@nestjs/microservices', 'rxjs']) require(peer);
const before = process.cpuUsage();
const since = performance.now();
require(process.argv[1]);
const wall = performance.now() - since;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
const rounds = Number(process.argv[2] ?? 15);

/** Returns the size of all files in bytes, without the links in .bin. */
function sizeOf(path) {
  const stats = lstatSync(path);
  if (stats.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  return stats.isFile() ? stats.size : 0;
}

const kilobytes = (bytes) => `${Math.round(bytes / 1024).toLocaleString('en')} KB`;

/** Returns wall time and CPU time. On a loaded machine the wall time is too high. */
async function timesOf(module, folder, env) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const output = await run('node', ['-e', LOAD, module], { cwd: folder, env });
    times.push(JSON.parse(output.trim().split('\n').at(-1)));
  }
  const best = (kind) => Math.min(...times.map((time) => time[kind])).toFixed(1);
  return `best of ${rounds}: ${best('wall')} ms, ${best('cpu')} ms of CPU time`;
}

async function main(scratch) {
  await build(pinnedNodeFolder);
  const tarball = (await pack(scratch)).find((path) => path.includes('transport'));
  const folder = join(scratch, 'app');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const env = childEnvironment({ firstOnPath: pinnedNodeFolder });
  const install = (...packages) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', ...packages], { cwd: folder, env });

  await install(...PEERS);
  const modules = join(folder, 'node_modules');
  const before = sizeOf(modules);
  await install(tarball);
  const added = sizeOf(modules) - before;
  const own = sizeOf(join(modules, '@nest-jetstream'));

  console.log(`installed: ${kilobytes(added)}, of which the transport itself ${kilobytes(own)}, and its dependencies:`);
  for (const name of readdirSync(join(modules, '@nats-io')))
    console.log(`  @nats-io/${name} ${kilobytes(sizeOf(join(modules, '@nats-io', name)))}`);
  // Measures the dependencies alone in the same run, for comparison.
  for (const module of ['@nats-io/jetstream', '@nest-jetstream/transport']) {
    console.log(`require('${module}'): ${await timesOf(module, folder, env)}`);
  }
}

const scratch = scratchFolder('footprint');
exitOnInterrupt(scratch.remove);
try {
  await main(scratch.path);
} finally {
  scratch.remove();
}
