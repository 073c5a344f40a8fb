import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { parseText, descendants } from '../../schematics/shared/source/parse';
import { ts } from '../../schematics/shared/source/typescript';
import { DiskProject } from './support/disk-project';
import { lineDiff } from './support/line-diff';
import { typeErrors } from './support/type-errors';

const FIXTURES = join(__dirname, 'fixtures');
/** `UPDATE_FIXTURES=1` writes the actual changes as the expected ones, for review. */
const isUpdate = process.env['UPDATE_FIXTURES'] === '1';

// Default files of a fixture.
const USUAL: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "shop", "type": "module", "dependencies": { "@nestjs/core": "^12.0.0" } }\n',
  'nest-cli.json': '{ "collection": "nest-jetstream", "sourceRoot": "src" }\n',
  'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(3000);
}
void bootstrap();
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';

@Module({ imports: [] })
export class AppModule {}
`,
  'src/cats.module.ts': 'export class CatsModule {}\n',
  'src/app.service.ts': 'export class AppService {}\n',
  'src/app.controller.ts': 'export class AppController {}\n',
};

interface Edited {
  readonly before: Record<string, string>;
  readonly after: Record<string, string>;
  readonly again: Record<string, string>;
  readonly warnings: string[];
  /** Edited sources of the fixture. */
  readonly changed: string[];
}

let folder: string;

/** Runs `nest add` and generates a stream, twice, in the project of a fixture. */
async function edit(name: string): Promise<Edited> {
  const project = new DiskProject(join(folder, name));
  for (const [path, content] of Object.entries(USUAL)) await project.write(path, content);
  await cp(join(FIXTURES, name), project.root, { recursive: true });
  const before = await project.files();
  await symlink(join(__dirname, '..', '..', 'node_modules'), join(project.root, 'node_modules'), 'junction');
  const cwd = jest.spyOn(process, 'cwd').mockReturnValue(project.root);
  try {
    const { warned } = await project.command('add', '--skip-install');
    const stream = await project.command('generate', 'stream', 'orders');
    const after = await project.files();
    await project.command('add', '--skip-install');
    await project.command('generate', 'stream', 'orders');
    const again = await project.files();
    const changed = Object.keys(before).filter((path) => path.endsWith('.ts') && before[path] !== after[path]);
    return { before, after, again, warnings: [...warned, ...stream.warned], changed };
  } finally {
    cwd.mockRestore();
    await rm(join(project.root, 'node_modules'));
  }
}

function changesOf({ before, after, changed, warnings }: Edited): string {
  const diffs = changed.flatMap((path) => [path.slice(1), ...lineDiff(before[path] ?? '', after[path] ?? '')]);
  const said = warnings.flatMap((warning) => warning.split('\n').map((line) => `! ${line}`));
  return [...diffs, ...said].map((line) => `${line.trimEnd()}\n`).join('');
}

/** Returns each comment once, in the order of the text. */
function comments(path: string, text: string): string[] {
  const source = parseText(path, text.replace(/^\uFEFF/, ''));
  const found = new Map<number, string>();
  for (const node of descendants(source)) {
    const leading = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
    for (const { pos, end } of leading.concat(ts.getTrailingCommentRanges(source.text, node.end) ?? [])) {
      found.set(pos, source.text.slice(pos, end));
    }
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, comment]) => comment);
}

function lineEnds(text: string): string[] {
  return [...new Set(text.match(/\r?\n/g))];
}

const place = (kind: string, name: string, path: string) => join(folder, kind, name, path);
const sources = (files: Record<string, string>) => Object.keys(files).filter((path) => path.endsWith('.ts'));

describe('existing files', () => {
  const names = readdirSync(FIXTURES).toSorted();
  const results = new Map<string, Edited>();
  const resultOf = (name: string): Edited => {
    const result = results.get(name);
    if (!result) throw new Error(`${name} was not edited.`);
    return result;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'nest-jetstream-fixtures-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are at least 60', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it.each(names)('are edited only where necessary: %s', async (name) => {
    const result = await edit(name);
    results.set(name, result);
    const file = join(FIXTURES, name, 'changes.diff');
    if (isUpdate) writeFileSync(file, changesOf(result));
    expect(changesOf(result)).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'changes.diff is missing');
  });

  it.each(names)('are not changed by a second run: %s', (name) => {
    const { after, again } = resultOf(name);
    expect(again).toEqual(after);
  });

  it.each(names)('keep comments, line endings and byte order mark: %s', (name) => {
    const { before, after, changed } = resultOf(name);
    for (const path of changed) {
      const [old = '', now = ''] = [before[path], after[path]];
      expect(comments(path, now)).toEqual(comments(path, old));
      expect(now.startsWith('\uFEFF')).toBe(old.startsWith('\uFEFF'));
      expect(now.endsWith('\n')).toBe(old.endsWith('\n'));
      expect(lineEnds(now)).toEqual(lineEnds(old));
    }
  });

  it.each(names)('stay formatted if they were formatted: %s', async (name) => {
    const { before, after, changed } = resultOf(name);
    for (const path of changed) {
      const filepath = join(folder, name, path);
      const options = { ...(await prettier.resolveConfig(filepath, { editorconfig: true })), filepath };
      if (!(await prettier.check(before[path] ?? '', options))) continue;
      expect(after[path]).toBe(await prettier.format(after[path] ?? '', options));
    }
  });

  it('cause no new compiler errors', async () => {
    for (const name of names) {
      for (const kind of ['before', 'after'] as const) {
        const project = new DiskProject(join(folder, kind, name));
        for (const path of sources(resultOf(name)[kind])) await project.write(path, resultOf(name)[kind][path] ?? '');
      }
    }
    const all = (kind: 'before' | 'after') =>
      names.flatMap((name) => sources(resultOf(name)[kind]).map((path) => place(kind, name, path)));
    const before = typeErrors(all('before'));
    // The compiler resolves Nest.
    expect(before.get(place('before', 'main-nest-12-esm', '/src/main.ts'))).toEqual([]);
    expect(before.get(place('before', 'main-fastify', '/src/main.ts'))).toEqual([]);
    const fresh = [...typeErrors(all('after'))].flatMap(([file, errors]) => {
      const known = before.get(file.replace(join(folder, 'after'), join(folder, 'before'))) ?? [];
      return errors.filter((error) => !known.includes(error)).map((error) => `${file.slice(folder.length)}: ${error}`);
    });
    expect(fresh).toEqual([]);
  });
});
