import { isSettled, probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';

// As in Nest's documentation, before a transport is chosen.
const MAIN = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.createMicroservice(AppModule);
  await app.listen();
}
void bootstrap();
`;

const MODULE = `import { Module } from '@nestjs/common';

@Module({})
export class AppModule {}
`;

/**
 * Adds the transport to a service without HTTP beside the given project, generates code, builds it
 * and handles an event.
 */
export function pureMicroservice(projectOf: () => NestProject): void {
  let project: NestProject;

  beforeAll(async () => {
    project = await projectOf().sibling('pure');
    const isEsm = JSON.parse(await project.read('package.json')).type === 'module';
    await project.write('src/main.ts', isEsm ? MAIN.replace('app.module', 'app.module.js') : MAIN);
    await project.write('src/app.module.ts', MODULE);
  });

  it('gets the transport, a stream and a consumer', async () => {
    await project.nest('add', 'nest-jetstream', '-s');
    await project.nest('g', 'jetstream-stream', 'parcels');
    await project.nest('g', 'jetstream-consumer', 'parcel.sent', '--type', 'id: number; street: string');
    await project.run('npm', 'run', 'build');

    expect(await project.read('src/main.ts')).toContain('inject: [NatsJetStreamServer]');
  });

  it('handles an event and shuts down cleanly', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url, { isMicroservice: true });
    const observer = await probe(server.url);

    await observer.client.publish('parcel.sent', JSON.stringify({ id: 1, street: 'Main' }));
    await app.waitForLog(/\[ParcelSentConsumer\].*Main/);
    await app.stop();

    expect(await isSettled(observer, 'PARCELS', 'shop-parcel-sent')).toBe(true);
  });
}
