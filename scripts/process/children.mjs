import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 5_000;
const running = new Set();
let ending = false;

/** Whether this process is about to exit: nothing may be started any more. */
export const isEnding = () => ending;

/**
 * Starts a child in a process group of its own, so that its whole tree ends with it, and a terminal's Ctrl-C reaches it
 * once: from us.
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

function signalTree(child, signal) {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
  else {
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Ends a child and its tree: SIGTERM first, SIGKILL to what is left after five seconds. */
export async function endChild(child) {
  if (!running.has(child)) return;
  const closed = once(child, 'close');
  signalTree(child, 'SIGTERM');
  const killer = setTimeout(() => signalTree(child, 'SIGKILL'), GRACE_MS);
  await closed;
  clearTimeout(killer);
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
