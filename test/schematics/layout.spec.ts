import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { plainOptions } from '../../schematics/shared/edit/plain-prettier';
import { DiskProject } from './support/disk-project';

const MODULES = join(__dirname, '..', '..', 'node_modules');
const FILE = 'src/orders/orders.stream.ts';

const RULES = '{ "singleQuote": true, "trailingComma": "all", "printWidth": 60 }';

/** Places of a prettier configuration, and whether the core of prettier supports it. */
const PLACES: readonly (readonly [name: string, files: Record<string, string>, isPlain: boolean])[] = [
  ['one file of JSON', { '.prettierrc': RULES }, true],
  ['a file of YAML', { '.prettierrc': 'singleQuote: false\nprintWidth: 60\n' }, false],
  [
    'overrides',
    { '.prettierrc': '{ "overrides": [{ "files": "*.stream.ts", "options": { "semi": false } }] }' },
    false,
  ],
  ['an editorconfig', { '.prettierrc': RULES, '.editorconfig': 'root = true\n[*]\nindent_style = tab\n' }, false],
  [
    'package.json',
    { '.prettierrc': RULES, 'package.json': '{ "name": "shop", "prettier": { "semi": false } }' },
    false,
  ],
  ['a folder of its own', { '.prettierrc': RULES, 'src/orders/.prettierrc.json': '{ "tabWidth": 8 }' }, false],
  ['a module', { 'prettier.config.mjs': 'export default { useTabs: true };\n' }, false],
  ['no file at all', {}, false],
];

describe('generated code is formatted with the prettier configuration of', () => {
  let project: DiskProject;
  const cwd = process.cwd();

  beforeEach(async () => {
    project = new DiskProject();
    await project.write('package.json', '{ "name": "shop", "type": "module" }');
    await project.write('src/main.ts', "import { NestFactory } from '@nestjs/core';\n");
    await mkdir(join(project.root, 'node_modules'));
    await symlink(join(MODULES, 'prettier'), join(project.root, 'node_modules', 'prettier'), 'junction');
  });
  afterEach(async () => {
    process.chdir(cwd);
    await project.remove();
  });

  it.each(PLACES)('%s', async (_name, files, isPlain) => {
    for (const [path, content] of Object.entries(files)) await project.write(path, content);
    process.chdir(project.root);
    await project.command('generate', 'stream', 'orders', '--subjects', 'order.>', 'a.quite.long.subject.>');

    const filepath = join(project.root, FILE);
    const options = { ...(await prettier.resolveConfig(filepath, { editorconfig: true })), filepath };
    const text = await project.read(FILE);
    expect(text).toBe(await prettier.format(text, options));
    expect(plainOptions(project.root, filepath) !== undefined).toBe(isPlain);
  });
});
