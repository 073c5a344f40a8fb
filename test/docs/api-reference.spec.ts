import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandResult } from '../support/command';
import { ROOT } from './support/pages';

// typedoc.json turns warnings into errors, such as broken links and exported names without a doc
// comment.
it('builds the API reference without warnings, so every exported name has a doc comment', async () => {
  const { end, output } = await commandResult(ROOT, 'npm', 'run', '--silent', 'docs:api');

  expect({ end, output }).toMatchObject({ end: 0 });
  expect(await readFile(join(ROOT, '.cache/api/modules/index.html'), 'utf8')).toContain('defineStream');
});
