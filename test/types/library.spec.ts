import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorsAnnouncedFor } from './announced-errors';
import { compareErrors } from './compare-errors';
import { compileCases, declarationsOf } from './compile-cases';
import type { Label } from './labels';

const LIBRARY = join(__dirname, 'library');
const APPLICATION = 'application.ts';

const LABELS_OF = {
  'nest-11': ['nest-12', 'ts-6'],
  'nest-12-esm': ['nest-12', 'ts-6', 'strict'],
  strictest: ['nest-12', 'ts-6', 'strict', 'exact-optional'],
} satisfies Record<string, readonly Label[]>;

describe('the declarations of a library', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nest-jetstream-library-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(LABELS_OF))(
    'keep their types in another project with the tsconfig of %s',
    (configuration, labels) => {
      for (const [name, text] of declarationsOf(configuration, LIBRARY, 'contracts.ts'))
        writeFileSync(join(folder, name), text);
      cpSync(join(LIBRARY, APPLICATION), join(folder, APPLICATION));
      const announced = errorsAnnouncedFor(labels, readFileSync(join(LIBRARY, APPLICATION), 'utf8'));
      const compiled = compileCases(configuration, folder);

      expect(compareErrors(APPLICATION, announced, compiled.errorsOf(APPLICATION))).toEqual([]);
      expect([...compiled.errorsOf('contracts.d.ts'), ...compiled.otherErrors]).toEqual([]);
    },
  );
});
