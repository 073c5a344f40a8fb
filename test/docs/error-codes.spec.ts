import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as ts from 'typescript';
import { NoStreamForSubjectError } from '@nest-jetstream/transport';
import { anchorsOf } from './support/markdown';
import { readPage, ROOT } from './support/pages';

const FOLDERS = ['runtime/src', 'schematics', 'cli', 'nats-server'];
// Thrown by handlers to decide over a message, or never shown to anybody: they have no code.
const WITHOUT_CODE = new Set(['RetryError', 'TerminateError', 'SourceFailure']);

interface ErrorClass {
  readonly name: string;
  /** None where it is abstract, and its classes have theirs. */
  readonly codes: readonly string[];
  readonly abstract: boolean;
}

function typescriptIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
}

/** Every class that extends an error, with the codes that it may have. */
function errorClasses(): ErrorClass[] {
  const files = FOLDERS.flatMap(typescriptIn);
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    return source.statements
      .filter((statement) => ts.isClassDeclaration(statement))
      .filter(({ heritageClauses = [] }) =>
        heritageClauses.some((clause) => /^extends \w*(Error|Failure)$/.test(clause.getText())),
      )
      .map((declaration) => ({
        name: declaration.name?.text ?? '',
        codes: codesOf(declaration, source),
        abstract: Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract),
      }));
  });
}

function codesOf(declaration: ts.ClassDeclaration, source: ts.SourceFile): string[] {
  const unions = new Map(
    source.statements
      .filter((statement) => ts.isTypeAliasDeclaration(statement))
      .map(({ name, type }) => [name.text, type.getText()]),
  );
  const field = declaration.members.find(
    (member) => ts.isPropertyDeclaration(member) && member.name.getText() === 'code',
  );
  const constructor = declaration.members.find((member) => ts.isConstructorDeclaration(member));
  const parameter = constructor?.parameters.find(({ name }) => name.getText() === 'code');
  const text = (field ?? parameter)?.getText() ?? '';
  const named = [...unions].filter(([name]) => text.includes(name)).map(([, union]) => union);
  return [text, ...named].join(' ').match(/(?<=')[A-Z_]+(?=')/g) ?? [];
}

const classes = errorClasses();
const codes = [...new Set(classes.flatMap((each) => each.codes))].toSorted();
const anchors = anchorsOf(readPage('docs/troubleshooting.md'));

describe('docs/troubleshooting.md', () => {
  it.each(codes)('explains %s', (code) => {
    expect(anchors).toContain(code.toLowerCase());
  });

  it('explains nothing that is not there any more', () => {
    const explained = anchors.filter((anchor) => anchor.includes('_')).map((anchor) => anchor.toUpperCase());

    expect(explained.filter((code) => !codes.includes(code))).toEqual([]);
  });
});

it('every error class has a code, which it has alone', () => {
  const own = classes.filter(({ abstract, name }) => !abstract && !WITHOUT_CODE.has(name));

  expect(own.filter((each) => each.codes.length === 0)).toEqual([]);
  expect(own.length).toBeGreaterThan(50);
});

it('an error that is shown says where its code is explained, in a file of the package', () => {
  const error = new NoStreamForSubjectError('order.created');
  const [, page = '', anchor] = /^node_modules\/@nest-jetstream\/transport\/(.*)#(.*)$/.exec(error.help) ?? [];

  expect(inspect(error)).toMatch(
    /NoStreamForSubjectError: No stream stores 'order\.created'[^]*\n {2}help: .*#no_stream_for_subject$/,
  );
  expect(error.message).not.toContain('node_modules');
  expect(anchorsOf(readFileSync(join(ROOT, 'runtime', page), 'utf8'))).toContain(anchor);
});
