import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandResult } from '../support/command';
import { ROOT } from './support/pages';

// typedoc.json makes every warning an error: a link to nowhere, and an exported name without a
// docstring.
it('the API reference is made without a warning, so every exported name has a docstring', async () => {
  const { end, output } = await commandResult(ROOT, 'npm', 'run', '--silent', 'docs:api');

  expect({ end, output }).toMatchObject({ end: 0 });
  expect(await readFile(join(ROOT, '.cache/api/modules/index.html'), 'utf8')).toContain('defineStream');
});
