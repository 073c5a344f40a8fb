import type { Tree } from '@angular-devkit/schematics';
import { treeOf } from './project-tree';

const projects = {
  shop: { type: 'application', root: 'apps/shop', entryFile: 'main', sourceRoot: 'apps/shop/src' },
  billing: { type: 'application', root: 'apps/billing', entryFile: 'main', sourceRoot: 'apps/billing/src' },
};

const library = { type: 'library', root: 'libs/sales', entryFile: 'index', sourceRoot: 'libs/sales/src' };

const config = {
  collection: '@nestjs/schematics',
  sourceRoot: 'apps/shop/src',
  monorepo: true,
  root: 'apps/shop',
  projects,
};

const MANIFEST = { name: 'workspace', type: 'module', dependencies: { '@nestjs/core': '^12.0.1' } };

/** Two applications in one workspace, as created by `nest g app`. */
export function monorepoTree(): Tree {
  return treeOf({
    'package.json': JSON.stringify(MANIFEST, null, 2),
    'nest-cli.json': JSON.stringify(config, null, 2),
    ...applications(),
  });
}

/**
 * The same workspace with the library `sales`, as created by `nest g library` in a project with
 * vitest.
 */
export function libraryTree(files: Readonly<Record<string, string>> = {}): Tree {
  const references = ['shop', 'billing'].map((name) => ({ path: `./apps/${name}/tsconfig.app.json` }));
  const paths = { '@app/sales': ['./libs/sales/src/index.ts'], '@app/sales/*': ['./libs/sales/src/*'] };
  return treeOf({
    'package.json': JSON.stringify({ ...MANIFEST, devDependencies: { vitest: '^4.0.0' } }, null, 2),
    'nest-cli.json': JSON.stringify({ ...config, projects: { ...projects, sales: library } }, null, 2),
    'tsconfig.json': JSON.stringify({ compilerOptions: { paths }, files: [], references }, null, 2),
    'libs/sales/tsconfig.lib.json': '{ "extends": "../../tsconfig.json" }',
    'libs/sales/src/index.ts': "export * from './sales.module.js';\n",
    'libs/sales/src/sales.module.ts': `import { Module } from '@nestjs/common';

@Module({})
export class SalesModule {}
`,
    ...applications(),
    ...files,
  });
}

function applications(): Record<string, string> {
  return {
    ...application('shop', 'AppModule', 'app.module'),
    ...application('billing', 'BillingModule', 'billing.module'),
  };
}

function application(name: string, className: string, file: string): Record<string, string> {
  const source = `apps/${name}/src`;
  return {
    [`${source}/main.ts`]: `import { NestFactory } from '@nestjs/core';
import { ${className} } from './${file}.js';

async function bootstrap() {
  const app = await NestFactory.create(${className});
  await app.listen(process.env.PORT ?? 3000);
}
await bootstrap();
`,
    [`${source}/${file}.ts`]: `import { Module } from '@nestjs/common';

@Module({})
export class ${className} {}
`,
  };
}
