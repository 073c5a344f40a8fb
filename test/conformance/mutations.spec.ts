import { join } from 'node:path';

const SCRIPTS = join(__dirname, '..', '..', 'scripts', 'mutations');

// `npm run conformance:mutations` takes minutes. This fast check shows that it can still run.
it('mutations - each breaks a line that occurs exactly once in the sources', async () => {
  const { mutations }: { mutations: readonly unknown[] } = await import(join(SCRIPTS, 'mutations.mjs'));
  const { staleMutations }: { staleMutations: (all: readonly unknown[]) => string[] } = await import(
    join(SCRIPTS, 'mutant.mjs')
  );
  expect(mutations.length).toBeGreaterThan(10);
  expect(staleMutations(mutations)).toEqual([]);
});
