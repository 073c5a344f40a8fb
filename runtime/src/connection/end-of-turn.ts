// Saved at load time, because fake timers in tests would replace it and delay acknowledgements.
const nextTick = process.nextTick.bind(process);

let due: (() => void)[] = [];

/**
 * Runs a task at the end of this turn of the event loop, after all resolved promises. All tasks of
 * a turn run together, so that their frames are sent in one write. A task must not throw.
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
