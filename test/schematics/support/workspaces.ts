import type { Tree } from '@angular-devkit/schematics';
import { treeOf } from './project-tree';

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const NEST = { '@nestjs/common': '^11.1.0', '@nestjs/core': '^11.1.0' };

const MODULE = `import { Module } from '@nestjs/common';

@Module({})
export class AppModule {}
`;

const MAIN = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(3000);
}
void bootstrap();
`;

function application(folder: string): Record<string, string> {
  return { [`${folder}/src/main.ts`]: MAIN, [`${folder}/src/app.module.ts`]: MODULE };
}

/** Two applications and a package in one workspace, where each has its own package.json. */
export function turborepoTree(): Tree {
  return treeOf({
    'package.json': json({ name: 'acme', private: true, workspaces: ['apps/*'], devDependencies: { turbo: '^2.0.0' } }),
    'turbo.json': '{}\n',
    'apps/api/package.json': json({ name: '@acme/api', dependencies: NEST }),
    ...application('apps/api'),
    'apps/mailer/package.json': json({ name: '@acme/mailer', dependencies: NEST }),
    ...application('apps/mailer'),
    'apps/web/package.json': json({ name: '@acme/web', dependencies: { next: '^15.0.0' } }),
    'apps/web/src/main.ts': 'export {};\n',
    'node_modules/other/src/main.ts': MAIN,
  });
}

/** Nx with one package.json for all projects, as created by `nx g @nx/nest:app`. */
export function nxTree(files: Readonly<Record<string, string>> = {}): Tree {
  const project = (name: string, root: string, projectType: string): string =>
    json({ name, sourceRoot: `${root}/src`, projectType, targets: {} });
  return treeOf({
    'package.json': json({ name: '@acme/source', dependencies: NEST, devDependencies: { nx: '21.0.0' } }),
    'nx.json': '{}\n',
    'tsconfig.base.json': json({ compilerOptions: { paths: { '@acme/sales': ['libs/sales/src/index.ts'] } } }),
    'apps/api/project.json': project('api', 'apps/api', 'application'),
    ...application('apps/api'),
    'apps/mailer/project.json': project('mailer', 'apps/mailer', 'application'),
    ...application('apps/mailer'),
    'apps/web/project.json': project('web', 'apps/web', 'application'),
    'apps/web/src/main.ts': 'export {};\n',
    'libs/sales/project.json': project('sales', 'libs/sales', 'library'),
    'libs/sales/src/index.ts': '',
    ...files,
  });
}

/** A package with Nest modules that applications import. */
export function libraryPackageTree(): Tree {
  return treeOf({
    'package.json': json({ name: '@acme/audit', peerDependencies: NEST, devDependencies: NEST }),
    'src/index.ts': "export * from './audit.module';\n",
    'src/audit.module.ts': MODULE.replace('AppModule', 'AuditModule'),
  });
}

/** A service without Nest. */
export function plainPackageTree(): Tree {
  return treeOf({
    'package.json': json({ name: 'plain', dependencies: { express: '^5.0.0' } }),
    'src/main.ts': "import express from 'express';\nexpress().listen(3000);\n",
  });
}

/** A service with further files. */
export function serviceTree(files: Readonly<Record<string, string>> = {}): Tree {
  return treeOf({ 'package.json': json({ name: 'shop', dependencies: NEST }), ...application('.'), ...files });
}

/** A Nest project without the Nest CLI. */
export function withoutNestCliTree(): Tree {
  return serviceTree();
}
