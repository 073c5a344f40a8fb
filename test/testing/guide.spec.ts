import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string): string => readFileSync(join(__dirname, file), 'utf8');

it('docs/testing.md shows the test in this folder', () => {
  const [example] = /(?<=```ts\n)[^]*?(?=```)/.exec(read('../../docs/testing.md')) ?? [];
  // The page is for ES modules. This folder is not.
  const inCommonJs = example?.replace(/from '(\..*)\.js'/g, "from '$1'");
  expect(inCommonJs).toBe(`// src/orders/orders.flow.spec.ts\n${read('guide/orders/orders.flow.spec.ts')}`);
});
