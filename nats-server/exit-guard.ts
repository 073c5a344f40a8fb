import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

/**
 * Ends the child when this process exits, so that no server is left behind; forgets it once it has
 * ended.
 */
export function endOnExit(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', endAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', endAll);
  });
}

function endAll(): void {
  for (const child of children) {
    child.kill('SIGTERM');
    // A stopped process acts on SIGTERM only after it goes on.
    if (process.platform !== 'win32') child.kill('SIGCONT');
  }
}
