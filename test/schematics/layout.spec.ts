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

/** A formatter that adds its arguments to the code. Fails for code with `refuse`. */
const PROGRAM = `const text = require('node:fs').readFileSync(0, 'utf8');
if (text.includes('refuse')) process.exit(1);
const line = '// ' + process.argv.slice(2).join(' ').replace(/=.*[/]src/, '=src') + '\\n';
process.stdout.write(text.startsWith('//') ? text : line + text);
`;

describe('generated code is formatted by', () => {
  let project: DiskProject;
  const cwd = process.cwd();

  beforeEach(async () => {
    project = new DiskProject();
    await project.write('package.json', '{ "name": "shop", "type": "module" }');
    await project.write('src/main.ts', "// formatted\nimport { NestFactory } from '@nestjs/core';\n");
    await project.write(
      'src/app.module.ts',
      "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class AppModule {}\n",
    );
    for (const [name, bin] of [
      ['@biomejs/biome', 'biome'],
      ['oxfmt', 'oxfmt'],
    ]) {
      await project.write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, bin: { [`${bin}`]: 'bin/run.cjs' } }),
      );
      await project.write(`node_modules/${name}/bin/run.cjs`, PROGRAM);
    }
    process.chdir(project.root);
  });
  afterEach(async () => {
    process.chdir(cwd);
    await project.remove();
  });

  it.each([
    ['biome.json', `// format --stdin-file-path=${FILE}\n`],
    ['biome.jsonc', `// format --stdin-file-path=${FILE}\n`],
    ['.oxfmtrc.json', `// --stdin-filepath=${FILE}\n`],
  ])('the program of %s', async (config, line) => {
    await project.write(config, '{}');
    const { warned } = await project.command('generate', 'stream', 'orders', '--subjects', 'order.>');
    expect((await project.read(FILE)).startsWith(line)).toBe(true);
    // The file was not formatted before, so it is not reformatted.
    expect(await project.read('src/app.module.ts')).not.toContain('//');
    expect(warned.join('\n')).not.toContain('did not format');
  });

  it('nothing if the program fails, with a warning', async () => {
    await project.write('biome.json', '{}');
    const { warned } = await project.command('generate', 'stream', 'refuse');
    expect(await project.read('src/refuse/refuse.stream.ts')).toContain('defineStream');
    expect(warned.join('\n')).toContain('biome did not format /src/refuse/refuse.stream.ts');
  });
});
