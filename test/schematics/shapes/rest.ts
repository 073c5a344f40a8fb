import {
  CLASSES,
  COMPILER,
  EMPTY_MODULE,
  feature,
  json,
  NEST_CLI,
  packageOf,
  PRETTIER,
  PRETTIERRC,
  starterMain,
  tsconfig,
  ZOD,
  type Shape,
} from './shape';

/** Applications of one package that serve HTTP. */
export const REST: readonly Shape[] = [
  {
    kind: 'Nest 11 REST API with TypeORM, configuration by namespace and global pipes',
    files: {
      ...packageOf('', '^11.1.6', {
        dependencies: { '@nestjs/config': '^4.0.0', '@nestjs/typeorm': '^11.0.0', typeorm: '^0.3.0', ...CLASSES },
        devDependencies: { '@nestjs/cli': '^11.0.0', ...PRETTIER },
      }),
      '.prettierrc': PRETTIERRC,
      '.env.example': 'APP_PORT=3000\nDATABASE_URL=\n',
      'docker-compose.yaml': 'services:\n  postgres:\n    image: postgres:17\n',
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig({ ...COMPILER.nest11, baseUrl: './' }),
      'src/config/app.config.ts': `import { registerAs } from '@nestjs/config';

export default registerAs('app', () => ({ port: 3000 }));
`,
      'src/main.ts': `import 'dotenv/config';
import {
  ClassSerializerInterceptor,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { NestFactory, Reflector } from '@nestjs/core';
import { useContainer } from 'class-validator';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { cors: true });
  useContainer(app.select(AppModule), { fallbackOnErrors: true });
  const config = app.get(ConfigService);

  app.enableShutdownHooks();
  app.enableVersioning({
    type: VersioningType.URI,
  });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
  app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector)));

  await app.listen(config.getOrThrow('app.port', { infer: true }));
}
void bootstrap();
`,
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { TypeOrmModule } from '@nestjs/typeorm';
import appConfig from './config/app.config';
import { UsersModule } from './users/users.module';

// The database is configured in the namespace "database".
const infrastructure = TypeOrmModule.forRootAsync({
  inject: [ConfigService],
  useFactory: (config: ConfigService) => config.get('database'),
});

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [appConfig] }),
    infrastructure,
    UsersModule,
  ],
})
export class AppModule {}
`,
      ...feature('src/users', 'Users'),
    },
  },
  {
    kind: 'Nest 11 API with path aliases for modules, default exports and double quotes',
    files: {
      ...packageOf('', '^11.0.1', { dependencies: { ...ZOD }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': json({ printWidth: 110, trailingComma: 'es5' }),
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig({ ...COMPILER.nest11, baseUrl: './', paths: { '@/*': ['src/*'] } }),
      'src/main.ts': `import "reflect-metadata";
import { NestFactory } from "@nestjs/core";

import AppModule from "@/app.module";

const run = async () => {
  const app = await NestFactory.create(AppModule, { bodyParser: false });

  try {
    await app.listen(Number(process.env.PORT));
    console.log("started");
  } catch (error) {
    console.error(error);
  }
};

run().catch((error: Error) => {
  console.error(error.stack);
  process.exit(1);
});
`,
      'src/app.module.ts': `import { Module } from "@nestjs/common";

import V1Module from "@/modules/v1/v1.module";

@Module({
  imports: [V1Module],
})
export default class AppModule {}
`,
      'src/modules/v1/v1.module.ts': `import { Module } from "@nestjs/common";

@Module({})
export default class V1Module {}
`,
    },
  },
  {
    kind: 'Nest 12 of ES modules with an object spread in the metadata',
    main: 'lines to paste',
    files: {
      ...packageOf('', '^12.0.1', { type: 'module', dependencies: { ...ZOD }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest12),
      'src/main.ts': starterMain('./app.module.js').replace('void bootstrap', 'await bootstrap'),
      'src/app.module.ts': EMPTY_MODULE.replace(
        '\n@Module',
        "import { CatalogModule } from './catalog/catalog.module.js';\n\nconst shared = { exports: [CatalogModule] };\n\n@Module",
      ).replace('imports: [],', 'imports: [CatalogModule],\n  ...shared,'),
      ...feature('src/catalog', 'Catalog', '.js'),
    },
  },
  {
    kind: 'ES modules that are imported with .ts, with another microservice behind a setting',
    environments: [{}, { KAFKA: 'on' }],
    files: {
      ...packageOf('', '^12.0.1', { type: 'module', dependencies: { '@nestjs/microservices': '^12.0.1', ...CLASSES } }),
      'tsconfig.json': tsconfig({ ...COMPILER.nest12, declaration: false, allowImportingTsExtensions: true }),
      'src/polyfill.ts': 'export {};\n',
      'src/main.ts': `import './polyfill.ts';

import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressAdapter } from '@nestjs/platform-express';

import { AppModule } from './app.module.ts';

export async function bootstrap(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule,
    new ExpressAdapter(),
    { cors: true },
  );

  // Only if it is configured.
  if (process.env['KAFKA']) {
    app.connectMicroservice({
      transport: Transport.KAFKA,
      options: { client: { brokers: ['localhost:9092'] } },
    });

    await app.startAllMicroservices();
  }

  await app.listen(3000, () => {
    console.info('started');
  });

  return app;
}

export const viteNodeApp = await bootstrap();
`,
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'API in the style of standard: no semicolons, and a chain of promises',
    files: {
      ...packageOf('', '~11.1.6', { devDependencies: { ...PRETTIER } }),
      '.prettierrc.json': json({ semi: false, singleQuote: true, trailingComma: 'none' }),
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'

const port = process.env.PORT ?? 3000

NestFactory.create(AppModule, { bufferLogs: true })
  .then(async (app) => {
    app.setGlobalPrefix('api')
    await app.listen(port)
  })
  .catch((error) => {
    console.error(error)
    process.exit(1)
  })
`,
      'src/app.module.ts': EMPTY_MODULE.replaceAll(';\n', '\n').replace('providers: [],', 'providers: []'),
    },
  },
  {
    kind: 'API with tabs and a call of bootstrap in an arrow function',
    files: {
      ...packageOf('', '11.1.6', { dependencies: { ...CLASSES }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': json({ useTabs: true, singleQuote: true, trailingComma: 'all' }),
      'nest-cli.json': '{\n\t"collection": "@nestjs/schematics",\n\t"sourceRoot": "src"\n}\n',
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';
import {
	ExpressAdapter,
	NestExpressApplication,
} from '@nestjs/platform-express';
import { AppModule } from './app.module';

async function bootstrap() {
	const app = await NestFactory.create<NestExpressApplication>(
		AppModule,
		new ExpressAdapter(),
	);

	// ==================================================
	// configure
	// ==================================================

	app.enableCors();

	const port = Number(process.env.PORT ?? 3000);

	await app.listen(port);
	console.info('started on', await app.getUrl());
}

void (async () => await bootstrap())();
`,
      'src/app.module.ts': EMPTY_MODULE.replace(/^ {2}/gm, '\t'),
    },
  },
  {
    kind: 'API with CRLF and four spaces, without a formatter',
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { ...ZOD } }),
      'nest-cli.json': NEST_CLI.replaceAll('\n', '\r\n'),
      'tsconfig.json': tsconfig(COMPILER.older),
      'src/main.ts': starterMain().replace(/^ {2}/gm, '    ').replaceAll('\n', '\r\n'),
      'src/app.module.ts': EMPTY_MODULE.replace(/^ {2}/gm, '    ').replaceAll('\n', '\r\n'),
    },
  },
  {
    kind: 'API whose main file has another name and starts with try and catch',
    entryFile: 'app',
    files: {
      ...packageOf('', '^11.1.6', { devDependencies: { '@nestjs/cli': '^11.0.0' } }),
      'nest-cli.json': json({ collection: '@nestjs/schematics', sourceRoot: 'src', entryFile: 'app' }),
      'tsconfig.json': tsconfig({ ...COMPILER.nest11, strict: true }),
      'src/common/index.ts': "export * from './common.module';\nexport * from './logger';\n",
      'src/common/logger.ts': `import { ConsoleLogger, Injectable } from '@nestjs/common';

@Injectable()
export class Logger extends ConsoleLogger {}
`,
      'src/common/common.module.ts': `import { Global, Module } from '@nestjs/common';
import { Logger } from './logger';

@Global()
@Module({ providers: [Logger], exports: [Logger] })
export class CommonModule {}
`,
      'src/app.ts': `import { Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module';
import { Logger } from './common';

/**
 * https://docs.nestjs.com
 */
async function bootstrap(): Promise<string> {
  const isProduction = (process.env.NODE_ENV === 'production');
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    bufferLogs: true,
  });

  app.useLogger(await app.resolve(Logger));

  if (isProduction) {
    app.enable('trust proxy');
  }

  await app.listen(process.env.PORT || 3000);

  return app.getUrl();
}

void (async (): Promise<void> => {
  try {
    const url = await bootstrap();
    NestLogger.log(url, 'Bootstrap');
  } catch (error) {
    NestLogger.error(error, 'Bootstrap');
  }
})();
`,
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { CommonModule } from './common';

@Module({ imports: [CommonModule] })
export class AppModule {}
`,
    },
  },
  {
    kind: 'Fastify with multipart and a shutdown of its own',
    files: {
      ...packageOf('', '^12.0.1', {
        type: 'module',
        dependencies: { '@nestjs/platform-fastify': '^12.0.1', ...ZOD },
        devDependencies: { ...PRETTIER },
      }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': json({
        collection: '@nestjs/schematics',
        sourceRoot: 'src',
        compilerOptions: { builder: 'swc', typeCheck: true },
      }),
      'tsconfig.json': tsconfig(COMPILER.nest12),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from '@nestjs/platform-fastify';
import multipart from '@fastify/multipart';
import { AppModule } from './app.module.js';

async function bootstrap() {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule,
    new FastifyAdapter({ logger: true }),
    { bufferLogs: true },
  );
  await app.register(multipart);
  process.once('SIGTERM', () => void app.close());

  await app.listen(process.env.PORT ?? 3000, '0.0.0.0');
}

await bootstrap();
`,
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'the strictest compiler options',
    files: {
      ...packageOf('', '^12.0.1', { type: 'module', dependencies: { ...CLASSES, ...ZOD } }),
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig({ ...COMPILER.strictest, verbatimModuleSyntax: true }),
      'src/main.ts': starterMain('./app.module.js').replace('process.env.PORT', "process.env['PORT']"),
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'a root module with options, and a configuration that is loaded first',
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { ...ZOD } }),
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/config.ts':
        'export interface Config {\n  port: number;\n}\n\nexport const load = (): Config => ({ port: 3000 });\n',
      'src/main.ts': `import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { load } from './config';

async function bootstrap() {
  const config = load();
  const app = await NestFactory.create(AppModule.register(config));
  app.enableShutdownHooks();
  await app.listen(config.port);
}

void bootstrap();
`,
      'src/app.module.ts': `import { DynamicModule, Module } from '@nestjs/common';
import { Config } from './config';

@Module({})
export class AppModule {
  static register(config: Config): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [],
      providers: [{ provide: 'config', useValue: config }],
    };
  }
}
`,
    },
  },
  {
    kind: 'workers of one process, each started by a primary of a cluster',
    files: {
      ...packageOf('', '^11.1.6', {}),
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': `import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}

if (cluster.isPrimary && process.env.WORKERS === 'many') {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  void bootstrap();
}
`,
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'GraphQL with code first, the plugin of the CLI and a handler of SIGTERM after listen',
    files: {
      ...packageOf('', '^11.1.6', {
        dependencies: { '@nestjs/graphql': '^13.0.0', '@nestjs/apollo': '^13.0.0', ...CLASSES },
        devDependencies: { ...PRETTIER, '@nestjs/cli': '^11.0.0' },
      }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': `{
  "collection": "@nestjs/schematics",
  "sourceRoot": "src",
  "compilerOptions": {
    // Adds the fields of object types.
    "plugins": [{ "name": "@nestjs/graphql", "options": { "introspectComments": true } }, "@nestjs/swagger"]
  }
}
`,
      'tsconfig.json': tsconfig({ ...COMPILER.older, target: 'es2022' }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);

  await app.listen(process.env.PORT || 3170);

  process.on('SIGTERM', async () => {
    await app.close();
    process.exit(0);
  });
}

if (!process.env.GENERATE_SCHEMA) {
  bootstrap();
} else {
  console.log('only the schema');
}
`,
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { ApolloDriver } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import { OrdersModule } from './orders/orders.module';

@Module({
  imports: [
    GraphQLModule.forRoot({
      driver: ApolloDriver,
      autoSchemaFile: true,
    }),
    OrdersModule,
  ],
})
export class AppModule {}
`,
      ...feature('src/orders', 'Orders'),
    },
  },
  {
    kind: 'domain folders with aliases and a list of modules in a file of its own',
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { '@nestjs/cqrs': '^11.0.0' }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig({
        ...COMPILER.nest11,
        paths: { '@modules/*': ['./src/modules/*'], '@libs/*': ['./src/libs/*'] },
      }),
      'src/main.ts': `/* eslint-disable max-classes-per-file */
import { initDomainEvents } from '@modules/domain-events';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule);

  initDomainEvents();

  await app.listen(3000);
}
bootstrap();
`,
      'src/modules/domain-events.ts': 'export function initDomainEvents(): void {}\n',
      'src/modules/index.ts': `import { OrdersModule } from '@modules/orders/orders.module';

export const modules = [OrdersModule];
`,
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { modules } from '@modules/index';

@Module({
  imports: [CqrsModule, ...modules],
})
export class AppModule {}
`,
      'src/modules/orders/orders.module.ts': `import { Module, Provider } from '@nestjs/common';
import { CreateOrderHandler } from './commands/create-order/create-order.handler';

const commandHandlers: Provider[] = [CreateOrderHandler];

@Module({
  providers: [...commandHandlers],
})
export class OrdersModule {}
`,
      'src/modules/orders/commands/create-order/create-order.handler.ts': `import { CommandHandler } from '@nestjs/cqrs';

export class CreateOrderCommand {}

@CommandHandler(CreateOrderCommand)
export class CreateOrderHandler {
  execute(): void {}
}
`,
    },
  },
  {
    kind: 'a root module in a folder, reached through a barrel and the imports of the package',
    root: ['root/root.module.ts', 'RootModule'],
    files: {
      ...packageOf('', '^12.0.1', {
        type: 'module',
        imports: { '#src/*.js': './src/*.ts' },
        dependencies: { ...ZOD },
        devDependencies: { ...PRETTIER },
      }),
      '.prettierrc': PRETTIERRC,
      'tsconfig.json': tsconfig({ ...COMPILER.nest12, declaration: false, rootDir: './src', outDir: './dist' }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { RootModule } from '#src/root/index.js';

const app = await NestFactory.create(RootModule);
app.enableShutdownHooks();
await app.listen(3000);
`,
      'src/root/index.ts': "export * from './root.module.js';\n",
      'src/root/root.module.ts': EMPTY_MODULE.replace('AppModule', 'RootModule'),
    },
  },
  {
    kind: 'APP_GUARD, APP_FILTER and the throttler, with a decorator of the project on the module',
    files: {
      ...packageOf('', '^11.1.6', {
        dependencies: { '@nestjs/throttler': '^6.0.0', ...CLASSES },
        devDependencies: { ...PRETTIER },
      }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': starterMain(),
      'src/app.module.ts': `import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, BaseExceptionFilter } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';

@Global()
@Module({
  imports: [
    ThrottlerModule.forRoot([{ ttl: 60_000, limit: 10 }]), // per client
  ],
  providers: [
    { provide: APP_GUARD, useClass: ThrottlerGuard },
    { provide: APP_FILTER, useClass: BaseExceptionFilter },
  ],
})
export class AppModule {}
`,
    },
  },
  {
    kind: 'a module that waits for another with forwardRef, below app/',
    root: ['app/app.module.ts', 'AppModule'],
    files: {
      ...packageOf('', '^11.1.6', { devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': starterMain('./app/app.module'),
      'src/app/app.module.ts': `import { forwardRef, Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module';

@Module({
  imports: [forwardRef(() => OrdersModule)],
})
export class AppModule {}
`,
      ...feature('src/orders', 'Orders'),
    },
  },
  {
    kind: 'ES modules without extensions that a bundler resolves',
    files: {
      ...packageOf('', '^12.0.1', { type: 'module', dependencies: { ...ZOD }, prettier: { singleQuote: true } }),
      'tsconfig.json': tsconfig({ ...COMPILER.bundler, paths: { '~/*': ['./src/*'] } }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from '~/app.module';
import { validateEnv } from './env';

validateEnv();
export const app = await NestFactory.create(AppModule);
if (import.meta.url) {
  await app.listen(3000);
}
`,
      'src/env.ts': 'export function validateEnv(): void {}\n',
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'CRLF with prettier, which keeps the end of lines',
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { ...CLASSES }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': json({ singleQuote: true, trailingComma: 'all', endOfLine: 'auto', printWidth: 100 }),
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': starterMain().replaceAll('\n', '\r\n'),
      'src/app.module.ts': EMPTY_MODULE.replaceAll('\n', '\r\n'),
    },
  },
  {
    kind: 'a main file that loads the module when it starts',
    files: {
      ...packageOf('', '^11.1.6', { devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'tsconfig.json': tsconfig(COMPILER.older),
      'src/main.ts': `import { NestFactory } from '@nestjs/core';

export async function run() {
  const { AppModule } = await import('./app.module');

  const app = await NestFactory.create(AppModule, { rawBody: true });
  await app.listen(3010, 'localhost');
}
void run();
`,
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'a main file index.ts that runs server.ts',
    entryFile: 'index',
    main: 'lines to paste',
    files: {
      ...packageOf('', '^12.0.1', { type: 'module', dependencies: { ...CLASSES } }),
      'tsconfig.json': tsconfig(COMPILER.nest12),
      'src/index.ts': "import { run } from './server.js';\n\nawait run();\n",
      'src/server.ts': starterMain('./app.module.js')
        .replace('bootstrap', 'run')
        .replace('async', 'export async')
        .replace('void bootstrap();\n', ''),
      'src/app.module.ts': EMPTY_MODULE,
    },
  },
  {
    kind: 'features below modules/, one with the name of the stream',
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { ...CLASSES }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': starterMain(),
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { OrdersModule } from './modules/orders/orders.module';
import { QuoteModule } from './modules/quote/quote.module';

@Module({
  imports: [OrdersModule, QuoteModule],
})
export class AppModule {}
`,
      ...feature('src/modules/orders', 'Orders'),
      ...feature('src/modules/quote', 'Quote'),
    },
  },
];
