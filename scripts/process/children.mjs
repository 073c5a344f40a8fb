import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = 5_000;
const POLL_MS = 20;
const running = new Set();
let ending = false;

/** True if this process is about to exit and must not start children. */
export const isEnding = () => ending;

/**
 * Starts a child in its own process group, so that its whole tree ends with it, and only this
 * process receives a terminal's Ctrl-C.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function spawnChild(command, args, options) {
  const windows = process.platform === 'win32';
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !windows,
    shell: windows,
    ...options,
  });
  running.add(child);
  const forget = () => running.delete(child);
  child.once('close', forget);
  child.once('error', forget);
  return child;
}

/** Sends a signal to a child and its tree. Returns true if any of them was still running. */
function signalTree(child, signal) {
  if (child.pid === undefined) return false;
  if (process.platform === 'win32') return spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']).status === 0;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Ends a child and its tree with SIGTERM, and with SIGKILL after five seconds. */
export async function endChild(child) {
  if (!running.has(child)) return;
  const closed = once(child, 'close');
  const deadline = Date.now() + GRACE_MS;
  signalTree(child, 'SIGTERM');
  // The child may exit before its own children.
  while (signalTree(child, 0) && Date.now() < deadline) await delay(POLL_MS);
  signalTree(child, 'SIGKILL');
  await closed;
}

/** Ends all children permanently: see isEnding. */
export async function endChildren() {
  ending = true;
  await Promise.all([...running].map(endChild));
}

// Runs on an unexpected exit, when asynchronous work is no longer possible.
process.once('exit', () => {
  for (const child of running) signalTree(child, 'SIGKILL');
});
