import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = 5_000;
const POLL_MS = 20;
const running = new Set();
let ending = false;

/** Whether this process is about to exit: nothing may be started any more. */
export const isEnding = () => ending;

/**
 * Starts a child in a process group of its own, so that its whole tree ends with it, and a
 * terminal's Ctrl-C reaches it once: from us.
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

/** Signals a child and its tree. Returns whether anything of it was still there. */
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

/** Ends a child and its tree: SIGTERM first, SIGKILL to what is left after five seconds. */
export async function endChild(child) {
  if (!running.has(child)) return;
  const closed = once(child, 'close');
  const deadline = Date.now() + GRACE_MS;
  signalTree(child, 'SIGTERM');
  // The child may be gone before the children that it started.
  while (signalTree(child, 0) && Date.now() < deadline) await delay(POLL_MS);
  signalTree(child, 'SIGKILL');
  await closed;
}

/** Ends all children, for good: see isEnding. */
export async function endChildren() {
  ending = true;
  await Promise.all([...running].map(endChild));
}

// The last resort for an exit that nobody prepared: nothing asynchronous runs any more.
process.once('exit', () => {
  for (const child of running) signalTree(child, 'SIGKILL');
});
