import {
  CLASSES,
  COMPILER,
  EMPTY_MODULE,
  feature,
  installed,
  json,
  packageOf,
  PRETTIER,
  PRETTIERRC,
  starterMain,
  tsconfig,
  ZOD,
  type Shape,
} from './shape';

function application(
  folder: string,
  name: string,
  extension = '',
  main = starterMain(`./${name.toLowerCase()}.module${extension}`, `${name}Module`),
): Record<string, string> {
  return {
    [`${folder}/main.ts`]: main,
    [`${folder}/${name.toLowerCase()}.module.ts`]: EMPTY_MODULE.replace('AppModule', `${name}Module`),
  };
}

const NX = { nx: '21.0.0', '@nx/nest': '21.0.0' };

const nxProject = (name: string, root: string, projectType: string): string =>
  json({
    name,
    $schema: '../../node_modules/nx/schemas/project-schema.json',
    sourceRoot: `${root}/src`,
    projectType,
    targets: {},
  });

function nx(applicationFolder: string): Record<string, string> {
  return {
    ...packageOf('', '^11.1.6', {
      name: '@acme/source',
      dependencies: { ...ZOD },
      devDependencies: { ...NX, ...PRETTIER },
    }),
    'nx.json': '{}\n',
    '.prettierrc': '{ "singleQuote": true }\n',
    'tsconfig.base.json': json({
      compilerOptions: { baseUrl: '.', paths: { '@acme/sales': ['libs/sales/src/index.ts'] } },
    }),
    'apps/orders/project.json': nxProject('orders', 'apps/orders', 'application'),
    'apps/orders/tsconfig.app.json': json({
      extends: '../../tsconfig.base.json',
      compilerOptions: { ...COMPILER.older, module: 'preserve', moduleResolution: 'bundler', strict: true },
      include: ['src/**/*.ts'],
    }),
    'apps/orders/src/main.ts': `/**
 * This is only a minimal backend to get started.
 */

import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app/app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  const globalPrefix = 'api';
  app.setGlobalPrefix(globalPrefix);
  const port = process.env.PORT || 3000;
  await app.listen(port);
  Logger.log(\`Application is running on: http://localhost:\${port}/\${globalPrefix}\`);
}

bootstrap();
`,
    [`apps/orders/src/${applicationFolder}/app.module.ts`]: EMPTY_MODULE,
    'apps/billing/project.json': nxProject('billing', 'apps/billing', 'application'),
    ...application('apps/billing/src', 'App'),
    'libs/sales/project.json': nxProject('sales', 'libs/sales', 'library'),
    'libs/sales/src/index.ts': '',
  };
}

const TURBO = {
  'package.json': json({
    name: 'acme',
    private: true,
    workspaces: ['apps/*', 'packages/*'],
    devDependencies: { turbo: '^2.0.0', ...PRETTIER },
  }),
  'turbo.json': '{}\n',
  '.prettierrc': PRETTIERRC,
  'packages/tsconfig/nest.json': json({ compilerOptions: COMPILER.nest11 }),
  'packages/events/package.json': json({ name: '@acme/events', private: true, main: './src/index.ts' }),
  'packages/events/src/index.ts': "export const TOPIC = 'orders';\n",
};

/** Applications of workspaces. */
export const WORKSPACE: readonly Shape[] = [
  {
    kind: 'Nx with two services and a library, the root module below app/',
    project: 'orders',
    sourceRoot: 'apps/orders/src',
    root: ['app/app.module.ts', 'AppModule'],
    tsconfig: 'apps/orders/tsconfig.app.json',
    files: nx('app'),
  },
  {
    kind: 'Nest CLI monorepo in webpack mode with a library, where the application is the default one',
    project: 'billing',
    sourceRoot: 'apps/billing/src',
    root: ['billing.module.ts', 'BillingModule'],
    tsconfig: 'apps/billing/tsconfig.app.json',
    files: {
      ...packageOf('', '^11.1.6', { name: 'sleeper', dependencies: { ...CLASSES }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': json({
        $schema: 'https://json.schemastore.org/nest-cli',
        collection: '@nestjs/schematics',
        sourceRoot: 'apps/shop/src',
        compilerOptions: { webpack: true, tsConfigPath: 'apps/shop/tsconfig.app.json' },
        monorepo: true,
        root: 'apps/shop',
        projects: {
          common: { type: 'library', root: 'libs/common', entryFile: 'index', sourceRoot: 'libs/common/src' },
          shop: { type: 'application', root: 'apps/shop', entryFile: 'main', sourceRoot: 'apps/shop/src' },
          billing: { type: 'application', root: 'apps/billing', entryFile: 'main', sourceRoot: 'apps/billing/src' },
        },
      }),
      'tsconfig.json': json({
        compilerOptions: {
          ...COMPILER.nest11,
          baseUrl: './',
          paths: { '@app/common': ['libs/common/src'], '@app/common/*': ['libs/common/src/*'] },
        },
      }),
      'apps/billing/tsconfig.app.json': json({ extends: '../../tsconfig.json', include: ['src/**/*'] }),
      ...application('apps/shop/src', 'App'),
      'apps/billing/src/main.ts': starterMain('./billing.module', 'BillingModule'),
      'apps/billing/src/billing.module.ts': `import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/common';

@Module({
  imports: [DatabaseModule],
})
export class BillingModule {}
`,
      'libs/common/src/index.ts': "export * from './database/database.module';\n",
      'libs/common/src/database/database.module.ts': EMPTY_MODULE.replace('AppModule', 'DatabaseModule'),
    },
  },
  {
    kind: 'Turborepo of npm with an API that extends a shared tsconfig.json',
    folder: 'apps/api',
    files: {
      ...TURBO,
      ...packageOf('apps/api/', '^11.1.6', { name: '@acme/api', dependencies: { '@acme/events': '*', ...ZOD } }),
      'apps/api/nest-cli.json': json({ collection: '@nestjs/schematics', sourceRoot: 'src' }),
      'apps/api/tsconfig.json': tsconfig(
        { rootDir: './src', outDir: './dist' },
        {
          extends: '../../packages/tsconfig/nest.json',
        },
      ),
      ...application('apps/api/src', 'App'),
      ...feature('apps/api/src/users', 'Users'),
      'apps/web/package.json': json({ name: '@acme/web', dependencies: { next: '^15.0.0' } }),
    },
  },
  {
    kind: 'pnpm workspace with catalogs, services and ES modules',
    folder: 'services/orders',
    files: {
      'package.json': json({ name: 'acme', private: true, type: 'module', packageManager: 'pnpm@10.34.8' }),
      'pnpm-workspace.yaml': "packages:\n  - services/*\ncatalog:\n  '@nestjs/core': ^12.0.1\n",
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      '.editorconfig': 'root = true\n\n[*]\nindent_style = space\nindent_size = 4\n',
      'services/orders/package.json': json({
        name: '@acme/orders',
        type: 'module',
        dependencies: { '@nestjs/common': 'catalog:', '@nestjs/core': 'catalog:', ...ZOD },
        devDependencies: { ...PRETTIER },
      }),
      ...installed('services/orders/', '12.0.1'),
      'services/orders/tsconfig.json': tsconfig(COMPILER.nest12),
      ...application(
        'services/orders/src',
        'App',
        '.js',
        starterMain('./app.module.js').replaceAll("'", '"').replace(/^ {2}/gm, '    '),
      ),
      'services/orders/src/app.module.ts': EMPTY_MODULE.replaceAll("'", '"').replace(/^ {2}/gm, '    '),
    },
  },
  {
    kind: 'yarn workspace whose backend has its sources in server/',
    folder: 'packages/backend',
    sourceRoot: 'packages/backend/server',
    tsconfig: 'packages/backend/tsconfig.json',
    files: {
      'package.json': json({ name: 'acme', private: true, workspaces: ['packages/*'] }),
      'yarn.lock': '__metadata:\n  version: 8\n',
      ...packageOf('packages/backend/', '^11.1.6', { name: 'backend', dependencies: { ...CLASSES } }),
      'packages/backend/nest-cli.json': json({ sourceRoot: 'server', collection: '@nestjs/schematics' }),
      'packages/backend/tsconfig.json': tsconfig(COMPILER.nest11, { include: ['server'] }),
      ...application('packages/backend/server', 'App'),
    },
  },
  {
    kind: 'workspace in which a package exports the root module',
    folder: 'apps/api',
    main: 'lines to paste',
    handlers: 'lines to paste',
    files: {
      ...TURBO,
      ...packageOf('apps/api/', '^11.1.6', { name: '@acme/api', dependencies: { '@acme/core': '*' } }),
      'apps/api/tsconfig.json': tsconfig({
        ...COMPILER.bundler,
        paths: { '@acme/core': ['../../packages/core/src/index.ts'] },
      }),
      'apps/api/src/main.ts': starterMain('@acme/core'),
      'packages/core/src/index.ts': "export * from './app.module';\n",
      'packages/core/src/app.module.ts': EMPTY_MODULE,
    },
  },
];
