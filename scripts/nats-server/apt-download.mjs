import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const APT_TIMEOUT_MS = 180_000;

// Only a configuration file can clear a list. The system's hooks may clean its package cache, as
// those of Docker images do.
const NO_HOOKS = [
  '#clear APT::Update::Pre-Invoke;',
  '#clear APT::Update::Post-Invoke;',
  '#clear APT::Update::Post-Invoke-Success;',
  '#clear DPkg::Post-Invoke;',
  '',
].join('\n');

/**
 * Downloads a package with apt, unpacks it below `folder` and returns the unpacked folder. apt
 * verifies the archive's signature. All of its state is in `folder`, so it works without root and
 * does not touch the system's.
 * @param {string} folder
 * @param {import('./apt-source.mjs').AptSource} source
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function downloadPackage(folder, source, name) {
  const state = join(folder, 'apt');
  const unpacked = join(folder, 'package');
  for (const part of ['lists/partial', 'cache/archives/partial', 'download'])
    await mkdir(join(state, part), { recursive: true });
  await writeFile(join(state, source.fileName), source.text);
  await writeFile(join(state, 'apt.conf'), NO_HOOKS);
  await writeFile(join(state, 'status'), '');
  const download = join(state, 'download');
  const execute = (command, args) =>
    run(command, args, { cwd: download, env: { ...process.env, LC_ALL: 'C' }, timeout: APT_TIMEOUT_MS });
  try {
    await execute('apt-get', [...aptOptions(state, source), 'update']);
    await execute('apt-get', [...aptOptions(state, source), 'download', name]);
    const archive = (await readdir(download)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get downloaded no package ${name}`);
    await execute('dpkg-deb', ['-x', join(download, archive), unpacked]);
    return unpacked;
  } catch (cause) {
    throw new Error(lastError(cause), { cause });
  }
}

function aptOptions(state, source) {
  const settings = [
    `Dir::Etc::sourcelist=${join(state, source.fileName)}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State::lists=${join(state, 'lists')}`,
    `Dir::State::status=${join(state, 'status')}`,
    `Dir::Cache=${join(state, 'cache')}`,
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Retries=2',
    // apt run by root drops to its own user, which cannot write into our folder.
    'APT::Sandbox::User=root',
  ];
  // By default, apt only warns about a failed update.
  const update = ['-o', 'APT::Update::Error-Mode=any'];
  return ['-qq', '-c', join(state, 'apt.conf'), ...update, ...settings.flatMap((setting) => ['-o', setting])];
}

function lastError(cause) {
  const line = (cause.stderr ?? '').split('\n').findLast((text) => text.startsWith('E: '));
  return line?.slice(3).trim() ?? cause.message.split('\n')[0];
}
