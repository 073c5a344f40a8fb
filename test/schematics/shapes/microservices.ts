import {
  CLASSES,
  COMPILER,
  EMPTY_MODULE,
  feature,
  NEST_CLI,
  packageOf,
  PRETTIER,
  PRETTIERRC,
  starterMain,
  tsconfig,
  ZOD,
  type Shape,
} from './shape';

const MICROSERVICES = { '@nestjs/microservices': '^11.1.6' };

/** A service of Nest 11 with this main file. */
function service(kind: string, main: string, others: Partial<Shape> = {}): Shape {
  return {
    kind,
    ...others,
    files: {
      ...packageOf('', '^11.1.6', { dependencies: { ...MICROSERVICES }, devDependencies: { ...PRETTIER } }),
      '.prettierrc': PRETTIERRC,
      'nest-cli.json': NEST_CLI,
      'tsconfig.json': tsconfig(COMPILER.nest11),
      'src/main.ts': main,
      'src/app.module.ts': EMPTY_MODULE,
      ...others.files,
    },
  };
}

const IMPORTS = `import { NestFactory } from '@nestjs/core';
import { MicroserviceOptions, Transport } from '@nestjs/microservices';
import { AppModule } from './app.module';
`;

/** Applications that are microservices, or that have others beside HTTP. */
export const MICROSERVICE: readonly Shape[] = [
  service(
    'hybrid with TCP, where startAllMicroservices comes right before listen',
    `${IMPORTS}
async function bootstrap() {
  /**
   * HTTP and TCP. For TCP alone, use createMicroservice:
   *
   * const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
   *   transport: Transport.TCP,
   * });
   */
  const app = await NestFactory.create(AppModule);
  app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.TCP,
    options: { retryAttempts: 5, retryDelay: 3000 },
  });

  await app.startAllMicroservices();
  await app.listen(3001);
  console.log(\`Application is running on: \${await app.getUrl()}\`);
}
bootstrap();
`,
  ),
  service(
    'hybrid with Kafka that is started early, with shutdown hooks behind a setting',
    `${IMPORTS}
async function bootstrap() {
  const app = await NestFactory.create(AppModule, {});
  app.connectMicroservice<MicroserviceOptions>({ transport: Transport.KAFKA });

  await app.startAllMicroservices();

  if (process.env.ENABLE_SHUTDOWN_HOOKS) {
    // Remove listeners of others.
    process.removeAllListeners('SIGTERM');
    app.enableShutdownHooks();
  }

  // Cors
  if (process.env.CORS_ENABLE === '1') {
    app.enableCors();
  }

  await app.listen(process.env.PORT || 3000);
}

bootstrap().catch((error) => {
  console.error(error);
  process.exit(1);
});
`,
    { environments: [{}, { ENABLE_SHUTDOWN_HOOKS: 'on' }] },
  ),
  service(
    'hybrid with core NATS whose microservice is started by itself',
    `${IMPORTS}
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  const nats = app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.NATS,
    options: { servers: ['nats://localhost:4222'] },
  });
  await nats.listen();
  await app.listen(3000);
}
bootstrap();
`,
  ),
  service(
    'hybrid that starts its microservices after it listens',
    `${IMPORTS}
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  const port = Number(process.env.PORT) || 3000;
  //start app server
  await app.listen(port);
  //log startup
  console.log(\`running on \${port}\`);

  const microservice = app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.RMQ,
    options: { queue: 'auth_queue' },
  });

  await app.startAllMicroservices();
  console.log(typeof microservice);
}
bootstrap();
`,
  ),
  service(
    'no microservice any more, but a start of all of them',
    `import { Logger } from '@nestjs/common';
${IMPORTS.replace('MicroserviceOptions, ', '')}
async function bootstrap() {
  const app = await NestFactory.create(AppModule);

  // app.connectMicroservice<MicroserviceOptions>({
  //   transport: Transport.RMQ,
  // });

  await app.startAllMicroservices();

  const host = '0.0.0.0';
  await app.listen(4000, host, () => {
    Logger.log(\`running on http://\${host} beside \${Transport[Transport.RMQ]}\`);
  });
}
bootstrap();
`,
  ),
  service(
    'top-level await and gRPC',
    `import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
// HTTP keeps health only.
app.connectMicroservice({
  transport: Transport.GRPC,
  options: { package: 'content', protoPath: 'content.proto' },
});
await app.startAllMicroservices();
const port = Number(process.env['PORT'] || 3002);
await app.listen(port);
console.log(\`listening on \${port}\`);
`,
    {
      files: {
        ...packageOf('', '^12.0.1', {
          type: 'module',
          dependencies: { '@nestjs/microservices': '^12.0.1', ...ZOD },
          devDependencies: { ...PRETTIER },
        }),
        'tsconfig.json': tsconfig(COMPILER.nest12),
      },
    },
  ),
  service(
    'microservice without options',
    `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.createMicroservice(AppModule);
  await app.listen();
}
bootstrap();
`,
  ),
  service(
    'microservice of RabbitMQ',
    `${IMPORTS}
async function bootstrap() {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    AppModule,
    {
      transport: Transport.RMQ,
      options: { urls: ['amqp://localhost:5672'], queue: 'notifications' },
    },
  );
  await app.listen();
}
bootstrap();
`,
    { main: 'lines to paste' },
  ),
  service(
    'microservice whose options come from a context of the same module',
    `import { NestFactory } from '@nestjs/core';
import { MicroserviceOptions } from '@nestjs/microservices';
import { AppModule } from './app.module';
import { ReportConfig } from './report.config';

async function bootstrap() {
  const context = await NestFactory.createApplicationContext(AppModule);
  const config = context.get(ReportConfig);
  await context.close();

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    AppModule,
    config.options,
  );
  await app.listen();
}
bootstrap();
`,
    {
      main: 'lines to paste',
      files: {
        'src/report.config.ts': `import { Injectable } from '@nestjs/common';
import { MicroserviceOptions } from '@nestjs/microservices';

@Injectable()
export class ReportConfig {
  readonly options: MicroserviceOptions = {};
}
`,
      },
    },
  ),
  service(
    'worker without a server',
    `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: ['error', 'warn'],
  });
  await app.init();
}
bootstrap();
`,
    { main: 'context' },
  ),
  service(
    'first a context for the settings, then the application',
    `import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const configApp = await NestFactory.create(AppModule);
  const config = configApp.get(ConfigService);
  const app = await NestFactory.create(AppModule, {
    logger: config.get('LOG_LEVELS'),
  });
  await app.listen(config.get('PORT'), '0.0.0.0', () => console.log('ready'));
}
bootstrap();
`,
    { main: 'lines to paste' },
  ),
  service(
    'functions that create, configure and start the application',
    `import { INestApplication } from '@nestjs/common';
${IMPORTS}
async function createApp(): Promise<INestApplication> {
  return await NestFactory.create<INestApplication>(AppModule);
}

function connect(app: INestApplication): void {
  app.connectMicroservice<MicroserviceOptions>({ transport: Transport.KAFKA });
}

async function startApp(app: INestApplication): Promise<void> {
  await app.startAllMicroservices();
  await app.listen(3000, '0.0.0.0');
}

async function bootstrap() {
  const app = await createApp();
  connect(app);
  await startApp(app);
}
bootstrap();
`,
    { main: 'lines to paste' },
  ),
  service(
    'a function that starts the application in another file',
    `import { bootstrap } from './bootstrap';

bootstrap();
`,
    {
      main: 'lines to paste',
      files: {
        'src/bootstrap.ts': `import { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AppModule } from './app.module';

export async function bootstrap(server?: unknown): Promise<INestApplication> {
  let app: INestApplication;
  if (server) {
    app = await NestFactory.create(AppModule, new ExpressAdapter(server));
  } else {
    app = await NestFactory.create(AppModule);
  }
  if (server) {
    await app.init();
  } else {
    await app.listen(process.env.PORT ?? 3000);
  }
  return app;
}
`,
      },
    },
  ),
  service(
    'workers in files of their own that a main file starts as threads',
    `import { Worker } from 'node:worker_threads';

for (const name of ['api', 'jobs']) new Worker(\`\${__dirname}/workers/\${name}.js\`);
`,
    {
      main: 'lines to paste',
      files: {
        'tsconfig.json': tsconfig({ ...COMPILER.nest11, baseUrl: './' }),
        'src/workers/api.ts': starterMain('src/app.module')
          .replace('AppModule }', 'ApiModule }')
          .replace('create(AppModule)', 'create(ApiModule)'),
        'src/app.module.ts': `import { Module } from '@nestjs/common';

const common = [];

@Module({ imports: [...common] })
export class ApiModule {}

@Module({ imports: [...common] })
export class JobsModule {}
`,
      },
      root: ['app.module.ts', 'ApiModule'],
      module: 'src/app.module.ts#ApiModule',
    },
  ),
  service(
    'function for a cloud that never listens',
    `import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import serverlessExpress from '@vendia/serverless-express';
import type { Handler } from 'aws-lambda';
import express from 'express';
import { AppModule } from './app.module';

let cached: Handler;

async function bootstrapServer(): Promise<Handler> {
  if (!cached) {
    const server = express();
    const app = await NestFactory.create(AppModule, new ExpressAdapter(server));
    app.enableCors();
    await app.init();
    cached = serverlessExpress({ app: server });
  }
  return cached;
}

export const handler: Handler = async (event, context, callback) => {
  const server = await bootstrapServer();
  return server(event, context, callback);
};
`,
    { main: 'lines to paste' },
  ),
  service(
    'HTTP for developers and a function for a cloud in one file',
    `import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.enableCors();
  await app.listen(process.env.PORT || 3000);
}

export async function handler(request: unknown, response: unknown) {
  const server = express();
  const app = await NestFactory.create(AppModule, new ExpressAdapter(server));
  await app.init();
  server(request, response);
}

if (process.env.NODE_ENV !== 'production') {
  void bootstrap();
}
`,
    { main: 'lines to paste' },
  ),
  service(
    'several brokers that are connected in a loop',
    `${IMPORTS}
const queues = ['orders', 'invoices'];

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  for (const queue of queues) {
    app.connectMicroservice<MicroserviceOptions>(
      { transport: Transport.RMQ, options: { queue } },
      { inheritAppConfig: true },
    );
  }
  await Promise.all([app.startAllMicroservices(), app.listen(3000)]);
}
bootstrap();
`,
  ),
  service(
    'a chain that starts the microservices and then listens',
    `${IMPORTS}
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.connectMicroservice<MicroserviceOptions>({ transport: Transport.TCP });
  app
    .startAllMicroservices()
    .then(() => app.listen(3000))
    .catch((error) => console.error(error));
}
bootstrap();
`,
  ),
  service('a project with CQRS and handlers of core NATS beside a folder of the same name', starterMain(), {
    files: {
      ...packageOf('', '^11.1.6', {
        dependencies: { ...MICROSERVICES, nats: '^2.29.0', ...CLASSES },
        devDependencies: { ...PRETTIER },
      }),
      'src/app.module.ts': `import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { OrdersModule } from './orders/orders.module';

@Module({
  imports: [
    ClientsModule.register([{ name: 'NATS', transport: Transport.NATS }]),
    OrdersModule,
  ],
})
export class AppModule {}
`,
      ...feature('src/orders', 'Orders'),
    },
  }),
];
