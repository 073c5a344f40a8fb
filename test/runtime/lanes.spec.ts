import { Lanes } from '../../runtime/src/consumer/runner';

interface Task {
  readonly name: string;
}

const tasks = (names: string): Task[] => names.split('').map((name) => ({ name }));

describe('Lanes', () => {
  it('starts tasks in order, at most as many in parallel as its width', () => {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const lanes = new Lanes<Task>(
      2,
      (task, done) => {
        started.push(task.name);
        ends.push(() => done(task));
      },
      () => undefined,
    );
    const many = tasks('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

    for (const task of many) lanes.add(task);

    expect(started).toEqual(['a', 'b']);
    for (let ended = 0; ended < many.length; ended++) ends[ended]!();
    expect(started).toEqual(many.map(({ name }) => name));
    expect(lanes.running).toBe(0);
  });

  it('does not overflow the stack when thousands of tasks finish synchronously', () => {
    let count = 0;
    let first: (() => void) | undefined;
    const lanes = new Lanes<{ at: number }>(
      1,
      (task, done) => {
        count++;
        if (task.at === 0) first = () => done(task);
        else done(task);
      },
      () => undefined,
    );
    for (let at = 0; at < 50_000; at++) lanes.add({ at });

    first?.();

    expect(count).toBe(50_000);
  });

  it('starts a task of a key only after the previous one, without blocking other keys', () => {
    const started: string[] = [];
    const ends = new Map<string, () => void>();
    const finished: string[] = [];
    const lanes = new Lanes<Task>(
      8,
      (task, done) => {
        started.push(task.name);
        ends.set(task.name, () => done(task));
      },
      ({ name }) => finished.push(name),
    );
    const [a, b, c, d] = tasks('abcd') as [Task, Task, Task, Task];

    lanes.add(a, 'one');
    lanes.add(b, 'one');
    lanes.add(c, 'two');
    lanes.add(d);
    expect(started).toEqual(['a', 'c', 'd']);
    ends.get('a')!();

    expect(started).toEqual(['a', 'c', 'd', 'b']);
    expect(finished).toEqual(['a']);
  });

  it('clears all waiting tasks, including those of keys', async () => {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const lanes = new Lanes<Task>(
      1,
      (task, done) => {
        started.push(task.name);
        ends.push(() => done(task));
      },
      () => undefined,
    );
    for (const [at, task] of tasks('abcd').entries()) lanes.add(task, at < 3 ? 'key' : undefined);

    expect(lanes.clear().map(({ name }) => name)).toEqual(['d', 'b', 'c']);
    ends[0]!();

    await lanes.idle();
    expect(started).toEqual(['a']);
  });
});
