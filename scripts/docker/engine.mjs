import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../process/run.mjs';
import { startService } from '../process/service.mjs';
import { DEFAULT_SOCKET, engineVersion } from './api.mjs';
import { removeLeftovers } from './leftovers.mjs';

const INSTALL_LIMIT_MS = 5 * 60_000;
const START_LIMIT_MS = 60_000;
const POLL_MS = 100;
const nothingToStop = async () => {};

/**
 * Provides a docker engine for the tests that need hosts. Uses an existing one. In CI on Debian as
 * root, installs and starts one for this run. Never fails: without an engine, `env` is empty and
 * `note` has the reason.
 * @param {string} folder for the data of our own engine
 * @returns {Promise<{ env: Record<string, string>, note: string, stop: () => Promise<void> }>}
 */
export async function provideDocker(folder) {
  try {
    return (await existing()) ?? (await ours(folder));
  } catch (error) {
    const why = [error.message, error.output?.trim().split('\n').slice(-3).join('\n')].filter(Boolean).join('\n');
    return { env: {}, note: `none, tests that need hosts are skipped. ${why}`, stop: nothingToStop };
  }
}

async function existing() {
  const host = process.env.DOCKER_HOST ?? `unix://${DEFAULT_SOCKET}`;
  // A user with an engine elsewhere has configured testcontainers for it.
  if (!host.startsWith('unix://')) return { env: { DOCKER_HOST: host }, note: host, stop: nothingToStop };
  const socket = host.slice('unix://'.length);
  const version = await engineVersion(socket);
  if (version === undefined) return undefined;
  await removeLeftovers(socket);
  return { env: environment(socket), note: `${version} (already running)`, stop: nothingToStop };
}

async function ours(folder) {
  const refusal = whyNotInstall();
  if (refusal) throw new Error(refusal);
  if (!existsSync('/usr/sbin/dockerd')) await install();
  // On systems with an init system, the package has started it.
  const started = await existing();
  if (started) return started;
  return start(folder);
}

/** A test run on a developer's machine must not install an engine. */
function whyNotInstall() {
  if (process.env.CI !== 'true') return 'Start docker, or set CI=true on Debian as root to install it for the run.';
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version'))
    return 'Docker is only installed automatically on Debian.';
  return process.getuid() === 0 ? undefined : 'Docker is only installed automatically for root.';
}

async function install() {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: INSTALL_LIMIT_MS };
  await run('apt-get', ['-qq', 'update'], options);
  await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'docker.io', 'iptables'], options);
}

/** Starts an engine with its own data and socket, so that nothing remains after the run. */
async function start(folder) {
  const data = join(folder, 'docker');
  mkdirSync(data, { recursive: true });
  const socket = join(data, 'docker.sock');
  const places = ['--data-root', join(data, 'data'), '--exec-root', join(data, 'run')];
  const service = startService('/usr/sbin/dockerd', ['--host', `unix://${socket}`, ...places]);
  const stop = () => service.stop().catch(() => {});
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const version = await engineVersion(socket);
    if (version !== undefined) return { env: environment(socket), note: `${version} (for this run)`, stop };
    if (Date.now() > deadline || service.hasEnded()) {
      await stop();
      throw new Error(`dockerd did not start:\n${service.output().trim().split('\n').slice(-5).join('\n')}`);
    }
    await delay(POLL_MS);
  }
}

/**
 * Disables its reaper, which is an image that has to be pulled. removeLeftovers() cleans up after
 * crashed tests instead.
 */
function environment(socket) {
  return {
    DOCKER_HOST: `unix://${socket}`,
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
  };
}
