import { COMPILER, EMPTY_MODULE, json, packageOf, starterMain, tsconfig, type RefusedShape } from './shape';

const NEST_APPLICATION = { 'src/main.ts': starterMain(), 'src/app.module.ts': EMPTY_MODULE };

/** Folders in which no command can work. */
export const REFUSED: readonly RefusedShape[] = [
  {
    kind: 'the root of a Turborepo',
    code: 'PROJECT_NOT_FOUND',
    message: /Run the command in apps\/api\.$/,
    files: {
      'package.json': json({ name: 'acme', private: true, workspaces: ['apps/*'] }),
      ...packageOf('apps/api/', '^11.1.6', { name: '@acme/api' }),
      'apps/api/src/main.ts': starterMain(),
      'apps/api/src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'the root of an Nx workspace',
    code: 'PROJECT_NOT_FOUND',
    message: /Choose one with --project api\.$/,
    files: {
      ...packageOf('', '^11.1.6', { name: '@acme/source', devDependencies: { nx: '21.0.0' } }),
      'nx.json': '{}\n',
      'apps/api/project.json': json({ name: 'api', sourceRoot: 'apps/api/src', projectType: 'application' }),
      'apps/api/src/main.ts': starterMain(),
      'apps/api/src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'a package of modules for applications',
    code: 'PROJECT_NOT_FOUND',
    message: /Run the command in the folder of an application\.$/,
    files: {
      ...packageOf('', '^11.1.6', { name: '@acme/audit', peerDependencies: { '@nestjs/common': '^11.0.0' } }),
      'src/index.ts': "export * from './audit.module';\n",
      'src/audit.module.ts': EMPTY_MODULE.replace('AppModule', 'AuditModule'),
    },
  },
  {
    kind: 'an application of Nest 10',
    code: 'UNSUPPORTED_NEST',
    message: /needs Nest 11 or 12\. Upgrade Nest first/,
    only: ['add'],
    files: { ...packageOf('', '^10.4.0'), 'tsconfig.json': tsconfig(COMPILER.older), ...NEST_APPLICATION },
  },
  {
    kind: 'an application of the old plugin',
    code: 'PLUGIN_IN_USE',
    message: /run npx nest-jetstream migrate/,
    only: ['add'],
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { '@nestjs-plugins/nestjs-nats-jetstream-transport': '^2.2.6' } }),
      'src/main.ts': starterMain(),
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { NatsJetStreamTransport } from '@nestjs-plugins/nestjs-nats-jetstream-transport';

@Module({
  imports: [NatsJetStreamTransport.register({ connectionOptions: { servers: 'localhost', name: 'shop' } })],
})
export class AppModule {}
`,
    },
  },
  {
    kind: 'a workspace without the given project',
    project: 'payments',
    code: 'INVALID_OPTION',
    message: /Known projects: shop\.$/,
    files: {
      ...packageOf('', '^11.1.6'),
      'nest-cli.json': json({ projects: { shop: { type: 'application', root: '.', sourceRoot: 'src' } } }),
      ...NEST_APPLICATION,
    },
  },
  {
    kind: 'a service without Nest',
    code: 'PROJECT_NOT_FOUND',
    message: /Run the command in the folder of a Nest application\.$/,
    files: {
      'package.json': json({ name: 'plain', dependencies: { express: '^5.0.0' } }),
      'src/main.ts': "import express from 'express';\nexpress().listen(3000);\n",
    },
  },
];
