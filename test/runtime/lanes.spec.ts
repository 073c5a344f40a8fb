import { Lanes } from '../../runtime/src/consumer/runner';

interface Task {
  readonly name: string;
}

const tasks = (names: string): Task[] => names.split('').map((name) => ({ name }));

describe('lanes', () => {
  it('begin tasks in their order, on no more than their width, however many wait', () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const lanes = new Lanes<Task>(
      2,
      (task, done) => {
        begun.push(task.name);
        ends.push(() => done(task));
      },
      () => undefined,
    );
    const many = tasks('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

    for (const task of many) lanes.add(task);

    expect(begun).toEqual(['a', 'b']);
    for (let ended = 0; ended < many.length; ended++) ends[ended]!();
    expect(begun).toEqual(many.map(({ name }) => name));
    expect(lanes.size).toBe(0);
  });

  it('go on without an end of the stack when thousands are done at once', () => {
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

  it('begin a task of a key only when the one before it is done, and hold up no other key', () => {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const told: string[] = [];
    const lanes = new Lanes<Task>(
      8,
      (task, done) => {
        begun.push(task.name);
        ends.set(task.name, () => done(task));
      },
      ({ name }) => told.push(name),
    );
    const [a, b, c, d] = tasks('abcd') as [Task, Task, Task, Task];

    lanes.add(a, 'one');
    lanes.add(b, 'one');
    lanes.add(c, 'two');
    lanes.add(d);
    expect(begun).toEqual(['a', 'c', 'd']);
    ends.get('a')!();

    expect(begun).toEqual(['a', 'c', 'd', 'b']);
    expect(told).toEqual(['a']);
  });

  it('give out all that wait, of keys too, and none of those twice', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const lanes = new Lanes<Task>(
      1,
      (task, done) => {
        begun.push(task.name);
        ends.push(() => done(task));
      },
      () => undefined,
    );
    for (const [at, task] of tasks('abcd').entries()) lanes.add(task, at < 3 ? 'key' : undefined);

    expect(lanes.clear().map(({ name }) => name)).toEqual(['d', 'b', 'c']);
    ends[0]!();

    await lanes.idle();
    expect(begun).toEqual(['a']);
  });
});
