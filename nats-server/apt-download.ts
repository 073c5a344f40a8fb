import { isNativeError } from 'node:util/types';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AptSource } from './apt-source';
import { SourceFailure } from './source';

const run = promisify(execFile);
const APT_TIMEOUT_MS = 180_000;

// Only a configuration file can clear a list. These hooks may clean the system's own package cache
// (docker images do).
const NO_HOOKS = [
  '#clear APT::Update::Pre-Invoke;',
  '#clear APT::Update::Post-Invoke;',
  '#clear APT::Update::Post-Invoke-Success;',
  '#clear DPkg::Post-Invoke;',
  '',
].join('\n');

/**
 * Downloads a package with apt and unpacks it into `folder`; returns where. apt verifies the
 * archive's signature. All of its state is in `folder`: the system's is neither read nor written,
 * so it works without root.
 */
export async function downloadPackage(
  folder: string,
  source: AptSource,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const state = join(folder, 'apt');
  const unpacked = join(folder, 'package');
  for (const part of ['lists/partial', 'cache/archives/partial', 'download'])
    await mkdir(join(state, part), { recursive: true });
  await writeFile(join(state, source.fileName), source.text);
  await writeFile(join(state, 'apt.conf'), NO_HOOKS);
  await writeFile(join(state, 'status'), '');
  const download = join(state, 'download');
  const execute = async (command: string, args: readonly string[]): Promise<void> => {
    const env = { ...process.env, LC_ALL: 'C' };
    await run(command, args, { cwd: download, env, signal, timeout: APT_TIMEOUT_MS });
  };
  try {
    await execute('apt-get', [...aptOptions(state, source), 'update']);
    await execute('apt-get', [...aptOptions(state, source), 'download', name]);
    const archive = (await readdir(download)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new SourceFailure(`apt-get fetched no package ${name}`);
    await execute('dpkg-deb', ['-x', join(download, archive), unpacked]);
    return unpacked;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SourceFailure) throw cause;
    throw new SourceFailure(lastError(cause), { cause });
  }
}

function aptOptions(state: string, source: AptSource): string[] {
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
    // Without its own user, apt can write into our folder also when it is run by root.
    'APT::Sandbox::User=root',
  ];
  // An update that failed must fail: by default apt takes it for a warning.
  const update = ['-o', 'APT::Update::Error-Mode=any'];
  return ['-qq', '-c', join(state, 'apt.conf'), ...update, ...settings.flatMap((setting) => ['-o', setting])];
}

function lastError(cause: unknown): string {
  if (!isNativeError(cause)) return String(cause);
  const output = 'stderr' in cause && typeof cause.stderr === 'string' ? cause.stderr : '';
  const line = output.split('\n').findLast((text) => text.startsWith('E: '));
  return line?.slice(3).trim() ?? cause.message.split('\n')[0] ?? cause.name;
}
