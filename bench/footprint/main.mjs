// `npm run bench:footprint [-- <rounds>]`: what the transport adds to an application that has its
// peers: bytes on disk, and time to load.
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../scripts/process/environment.mjs';
import { exitOnInterrupt } from '../../scripts/process/interrupt.mjs';
import { run } from '../../scripts/process/run.mjs';
import { build } from '../../scripts/workspace/build.mjs';
import { pack } from '../../scripts/workspace/pack.mjs';
import { pinnedNodeFolder } from '../../scripts/workspace/root.mjs';
import { scratchFolder } from '../../scripts/workspace/scratch-folder.mjs';

// With Nest 12's own NATS transport an application has transport-node already; here nothing is
// there but the peers.
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

/** Bytes of all files; what npm links in .bin is no file. */
function sizeOf(path) {
  const stats = lstatSync(path);
  if (stats.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  return stats.isFile() ? stats.size : 0;
}

const kilobytes = (bytes) => `${Math.round(bytes / 1024).toLocaleString('en')} KB`;

/** Both figures: on a machine that does other work, the first is too high. */
async function timesOf(module, folder, env) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const output = await run('node', ['-e', LOAD, module], { cwd: folder, env });
    times.push(JSON.parse(output.trim().split('\n').at(-1)));
  }
  const best = (kind) => Math.min(...times.map((time) => time[kind])).toFixed(1);
  return `best of ${rounds}: ${best('wall')} ms, of which a processor worked ${best('cpu')} ms`;
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
  // The dependencies alone, in the same run, tell what is ours to change.
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
