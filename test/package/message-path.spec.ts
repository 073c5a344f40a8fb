import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/command';

const ROOT = join(__dirname, '..', '..');

/**
 * Files of the built transport between the arrival of a message and its settlement, or between
 * `emitAsync` and the PubAck. A newcomer has to read them.
 */
describe('the path of one message', () => {
  let report: Record<string, string[]>;
  beforeAll(async () => {
    const program = join(ROOT, 'bench', 'path', 'main.mjs');
    report = JSON.parse(await runCommand(ROOT, process.execPath, program, '--json')) as typeof report;
  });

  it.each([
    ['success', 14],
    ['failure', 20],
    ['publish', 18],
  ])('passes few files on %s', (outcome, most) => {
    expect(report[outcome]?.length).toBeLessThanOrEqual(most);
    expect(report[outcome]?.length).toBeGreaterThan(0);
  });

  it('passes every file in the picture of docs/internals/architecture.md', () => {
    const page = readFileSync(join(ROOT, 'docs', 'internals', 'architecture.md'), 'utf8');
    const [, picture = ''] = /```mermaid\n([^`]*)```/.exec(page) ?? [];
    const shown = [...picture.matchAll(/[\w./-]+(?=\.ts\b)/g)].map(([file]) => file);
    const passed = new Set(Object.values(report).flat());

    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((file) => !passed.has(file))).toEqual([]);
  });
});
