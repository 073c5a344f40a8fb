import { errorsAnnouncedFor } from '../types/announced-errors';
import { compareErrors } from '../types/compare-errors';
import type { CompileError } from '../types/compile-cases';
import { compileBlocks, PROJECTS, sourcesOf } from './support/compile-blocks';
import { pages, readPage } from './support/pages';

jest.setTimeout(10 * 60_000);

// Its blocks form one file, and some must not compile: test/types/docs.spec.ts.
const ELSEWHERE = new Set(['docs/types.md']);

const sources = pages()
  // Pages of test/ are for contributors, and show parts of specs.
  .filter((page) => !ELSEWHERE.has(page) && !page.startsWith('test/'))
  .flatMap((page) => sourcesOf(page, readPage(page)));

describe('parts of programs in the docs', () => {
  const parts = sources.filter(({ complete }) => !complete);
  let errors: ReadonlyMap<string, readonly CompileError[]>;
  beforeAll(() => (errors = compileBlocks(parts)));

  it.each(parts.map(({ page, file, text }) => [page, file, text]))('%s: %s compiles', (page, file, text) => {
    const announced = errorsAnnouncedFor(['nest-12', 'ts-6', 'strict'], text);

    expect(compareErrors(page, announced, errors.get(file) ?? [])).toEqual([]);
  });

  it('are found in the README', () => {
    expect(new Set(parts.map(({ page }) => page))).toContain('README.md');
  });
});

describe.each(PROJECTS)('files in the docs, pasted into a project with the tsconfig of %s', (project) => {
  const files = sources.filter(({ complete }) => complete);
  let errors: ReadonlyMap<string, readonly CompileError[]>;
  beforeAll(() => (errors = compileBlocks(files, project)));

  it.each(files.map(({ page, file }) => [page, file]))('%s: %s compiles', (page, file) => {
    expect(compareErrors(page, [], errors.get(file) ?? [])).toEqual([]);
  });
});

it('reports a block that does not compile at its line', () => {
  const wrong = [
    ['ts', 'client.emit(ORDER_CREATED, { id: 1 });'],
    ['ts class', '@JetStreamConsumer(ORDER_CREATED)\nhandle(@Payload() event: { other: string }): void {}'],
    ['ts', "import { Gone } from '@nest-jetstream/transport';"],
  ].flatMap(([info, code], index) => sourcesOf(`page-${index}.md`, `# Page\n\n\`\`\`${info}\n${code}\n\`\`\`\n`));

  const lines = [...compileBlocks(wrong).values()].map((found) => found.map(({ line }) => line));
  expect(lines).toEqual([[4], [4], [4]]);
});
