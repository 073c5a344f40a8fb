import { registrationEdits, type Registration } from '../../schematics/shared/project/register';
import { edited, syntaxErrors } from './support/edited';

const registration: Registration = {
  list: 'imports',
  imports: [{ name: 'OrdersModule', specifier: './orders.module.js' }],
  element: 'OrdersModule',
};
const add = (text: string, className = 'AppModule') =>
  edited(text, (source) => registrationEdits(source, className, registration));

const HEAD = "import { Module } from '@nestjs/common';\n";
const IMPORT = "import { OrdersModule } from './orders.module.js';\n";
const moduleWith = (decorator: string) => `\n${decorator}\nexport class AppModule {}\n`;

const FORMS: readonly (readonly [form: string, before: string, after: string])[] = [
  ['an empty call', '@Module()', '@Module({ imports: [OrdersModule] })'],
  ['empty metadata', '@Module({})', '@Module({ imports: [OrdersModule] })'],
  ['an empty list', '@Module({\n  imports: [],\n})', '@Module({\n  imports: [OrdersModule],\n})'],
  ['a list in a line', '@Module({ imports: [A] })', '@Module({ imports: [A, OrdersModule] })'],
  ['a list in a line with a comma behind', '@Module({ imports: [A,] })', '@Module({ imports: [A, OrdersModule,] })'],
  [
    'a list over lines',
    '@Module({\n  imports: [\n    A,\n    B,\n  ],\n})',
    '@Module({\n  imports: [\n    A,\n    B,\n    OrdersModule,\n  ],\n})',
  ],
  [
    'no comma behind',
    '@Module({\n  imports: [\n    A,\n    B\n  ]\n})',
    '@Module({\n  imports: [\n    A,\n    B,\n    OrdersModule\n  ]\n})',
  ],
  [
    'a trailing comment',
    '@Module({\n  imports: [\n    A, // first\n  ],\n})',
    '@Module({\n  imports: [\n    A, // first\n    OrdersModule,\n  ],\n})',
  ],
  [
    'a comment without a comma',
    '@Module({\n  imports: [\n    A // first\n  ],\n})',
    '@Module({\n  imports: [\n    A, // first\n    OrdersModule\n  ],\n})',
  ],
  [
    'a disabled element',
    '@Module({\n  imports: [\n    A,\n    // B, disabled\n  ],\n})',
    '@Module({\n  imports: [\n    A,\n    OrdersModule,\n    // B, disabled\n  ],\n})',
  ],
  [
    'a comment alone in the list',
    '@Module({\n  imports: [\n    // none yet\n  ],\n})',
    '@Module({\n  imports: [\n    // none yet\n    OrdersModule,\n  ],\n})',
  ],
  ['no list', '@Module({\n  providers: [A],\n})', '@Module({\n  imports: [OrdersModule],\n  providers: [A],\n})'],
  ['a spread', '@Module({ imports: [...shared] })', '@Module({ imports: [...shared, OrdersModule] })'],
  ['a quoted key', "@Module({ 'imports': [A] })", "@Module({ 'imports': [A, OrdersModule] })"],
  ['an assertion', '@Module({ imports: [A] as unknown[] })', '@Module({ imports: [A, OrdersModule] as unknown[] })'],
  [
    'another decorator before',
    '@Global()\n@Module({ imports: [A] })',
    '@Global()\n@Module({ imports: [A, OrdersModule] })',
  ],
];

describe('registrationEdits', () => {
  it.each(FORMS)('adds to %s', (_form, before, after) => {
    expect(add(HEAD + moduleWith(before))).toBe(HEAD + IMPORT + moduleWith(after));
  });

  it.each(FORMS)('does not change %s a second time', (_form, _before, after) => {
    expect(add(HEAD + IMPORT + moduleWith(after))).toBe(HEAD + IMPORT + moduleWith(after));
  });

  it.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['double quotes', (text: string) => text.replaceAll("'", '"')],
    ['tabs', (text: string) => text.replaceAll('  ', '\t')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ])('keeps %s', (_style, change) => {
    const before = '@Module({\n  imports: [\n    A,\n  ],\n})';
    const after = '@Module({\n  imports: [\n    A,\n    OrdersModule,\n  ],\n})';
    expect(add(change(HEAD + moduleWith(before)))).toBe(change(HEAD + IMPORT + moduleWith(after)));
  });

  it('keeps a file without semicolons', () => {
    const before = "import { Module } from '@nestjs/common'\n\n@Module({})\nexport class AppModule {}\n";
    expect(add(before)).toContain(
      "import { OrdersModule } from './orders.module.js'\n\n@Module({ imports: [OrdersModule] })",
    );
  });

  it.each([
    [
      'an alias',
      "import { Module as NestModule } from '@nestjs/common';\n\n@NestModule({ imports: [] })\nexport class AppModule {}\n",
    ],
    [
      'a namespace',
      "import * as nest from '@nestjs/common';\n\n@nest.Module({ imports: [] })\nexport class AppModule {}\n",
    ],
    ['a default export', `${HEAD}\n@Module({ imports: [] })\nexport default class AppModule {}\n`],
  ])('recognizes the decorator with %s', (_form, text) => {
    const result = add(text);
    expect(result).toContain('imports: [OrdersModule]');
    expect(syntaxErrors(result)).toEqual([]);
  });

  it('edits the requested module', () => {
    const text = `${HEAD}\n@Module({ imports: [A] })\nexport class First {}\n\n@Module({ imports: [B] })\nexport class AppModule {}\n`;
    expect(add(text)).toContain('[A] })\nexport class First {}\n\n@Module({ imports: [B, OrdersModule] })');
  });

  it('puts no import into a string', () => {
    const text = `${HEAD}\nconst sql = \`select 1 } from 'x';\`;\n${moduleWith('@Module({ imports: [] })')}`;
    expect(add(text).startsWith(HEAD + IMPORT)).toBe(true);
  });

  it.each([
    ['metadata of a function', HEAD + moduleWith('@Module(createMetadata())')],
    ['metadata that others use', `${HEAD}export const metadata = { imports: [] };${moduleWith('@Module(metadata)')}`],
    ['metadata of elsewhere', HEAD + moduleWith('@Module({ ...base })')],
    ['a list that may be overwritten', HEAD + moduleWith('@Module({ imports: [A], ...base })')],
    ['an accessor', HEAD + moduleWith('@Module({ get imports() { return [A]; } })')],
    ['the name taken', `${HEAD}const OrdersModule = 1;${moduleWith('@Module({ imports: [] })')}`],
    [
      'the name imported for types',
      `${HEAD}import type { OrdersModule } from './orders.module.js';${moduleWith('@Module({})')}`,
    ],
    ['no such module', `${HEAD}export class AppModule {}\n`],
    ['a decorator of another package', `import { Module } from './own.js';${moduleWith('@Module({ imports: [] })')}`],
  ])('refuses to edit %s', (_form, text) => {
    expect(() => add(text)).toThrow(expect.objectContaining({ code: 'UNSAFE_EDIT' }));
  });
});
