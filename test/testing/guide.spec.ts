import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string): string => readFileSync(join(__dirname, file), 'utf8');

it('the guide shows the test that is run here, and in the projects of test/e2e', () => {
  const [example] = /(?<=```ts\n)[^]*?(?=```)/.exec(read('../../docs/testing.md')) ?? [];
  expect(example).toBe(`// src/orders/orders.flow.spec.ts\n${read('guide/orders/orders.flow.spec.ts')}`);
});
