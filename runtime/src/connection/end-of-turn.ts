// As it was when this was loaded: tests with fake timers replace it, and would hold up every
// acknowledgement.
const nextTick = process.nextTick.bind(process);

let due: (() => void)[] = [];

/**
 * Runs a task after all promises that are resolved, and before the process waits for sockets or
 * timers; together with all other tasks of this turn, so that what they write goes out at once. It
 * must not throw.
 */
export function atEndOfTurn(task: () => void): void {
  if (due.length === 0) nextTick(runAll);
  due.push(task);
}

function runAll(): void {
  const tasks = due;
  due = [];
  for (const task of tasks) task();
}
