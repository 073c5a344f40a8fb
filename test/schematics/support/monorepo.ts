import type { Tree } from '@angular-devkit/schematics';
import { treeOf } from './project-tree';

const config = {
  collection: '@nestjs/schematics',
  sourceRoot: 'apps/shop/src',
  monorepo: true,
  root: 'apps/shop',
  projects: {
    shop: { type: 'application', root: 'apps/shop', entryFile: 'main', sourceRoot: 'apps/shop/src' },
    billing: { type: 'application', root: 'apps/billing', entryFile: 'main', sourceRoot: 'apps/billing/src' },
  },
};

/** Two applications in one workspace, as `nest g app` leaves them. */
export function monorepoTree(): Tree {
  const manifest = { name: 'workspace', type: 'module', dependencies: { '@nestjs/core': '^12.0.1' } };
  return treeOf({
    'package.json': JSON.stringify(manifest, null, 2),
    'nest-cli.json': JSON.stringify(config, null, 2),
    ...application('shop', 'AppModule', 'app.module'),
    ...application('billing', 'BillingModule', 'billing.module'),
  });
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
