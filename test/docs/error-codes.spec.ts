import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import * as transport from '@nest-jetstream/transport';
import * as testing from '@nest-jetstream/transport/testing';
import { anchorsOf } from './support/markdown';
import { readPage, ROOT } from './support/pages';

const FOLDERS = ['runtime/src', 'schematics', 'cli', 'nats-server'];
// Thrown by handlers to settle a message, never shown to users, or with the code of another
// process: these have no code of their own.
const WITHOUT_CODE = new Set(['RetryError', 'TerminateError', 'SourceFailure', 'ApplicationError']);

interface ErrorClass {
  readonly name: string;
  /** Empty for an abstract class, whose subclasses have codes. */
  readonly codes: readonly string[];
  readonly abstract: boolean;
}

function typescriptIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
}

/** Returns every class that extends an error, with its possible codes. */
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

  it('explains no removed code', () => {
    const explained = anchors.filter((anchor) => anchor.includes('_')).map((anchor) => anchor.toUpperCase());

    // NatsConnectError and JetStreamDisabledError link there. Their codes are CONNECT_FAILED and
    // JETSTREAM_DISABLED.
    expect(explained.filter((code) => !codes.includes(code))).toEqual(['NATS_CONNECT', 'JET_STREAM_DISABLED']);
  });
});

describe('every error class', () => {
  const own = classes.filter(({ abstract, name }) => !abstract && !WITHOUT_CODE.has(name));

  it('has a code', () => {
    expect(own.filter((each) => each.codes.length === 0)).toEqual([]);
    expect(own.length).toBeGreaterThan(50);
  });
});

describe('an error of the transport', () => {
  const exported = Object.entries({ ...transport, ...testing }).filter(
    ([, value]) => typeof value === 'function' && value.prototype instanceof transport.NatsJetStreamError,
  );

  it.each(exported)('%s links to its section in help', (name) => {
    const help = helpOf(name);

    expect(help).toMatch(/^node_modules\/@nest-jetstream\/transport\/dist\/troubleshooting\.md#/);
    expect(anchors).toContain(help.split('#')[1]);
  });

  it('shows help when it is uncaught', () => {
    const program = "throw new (require('@nest-jetstream/transport').NoStreamForSubjectError)('order.created')";
    const { stderr } = spawnSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' });

    expect(stderr).toMatch(/NoStreamForSubjectError: No stream stores 'order\.created'/);
    expect(stderr).toMatch(/help: 'node_modules.*\/troubleshooting\.md#no_stream_for_subject'/);
  });

  it('links to a file in the package', () => {
    const [, file = '', anchor] =
      /transport\/(.*)#(.*)$/.exec(new transport.NoStreamForSubjectError('order.created').help) ?? [];

    expect(anchorsOf(readFileSync(join(ROOT, 'runtime', file), 'utf8'))).toContain(anchor);
  });
});

/** Returns `help` of an error whose class has this name. */
function helpOf(name: string): string {
  class Named extends transport.NatsJetStreamError {
    readonly code = '';
  }
  Object.defineProperty(Named, 'name', { value: name });
  return new Named('').help;
}
