import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startTestServer } from '../support/nats-server';

describe('the servers of the test suites', () => {
  it('keep their messages over a stop, a kill and a restart on the same port', async () => {
    const server = await startTestServer();
    await publish(server.url, 'one');
    await server.stop();
    await server.restart();
    await publish(server.url, 'two');
    await server.kill();
    await server.restart();
    expect(await storedMessages(server.url)).toBe(2);
  });

  it('can monitor', async () => {
    const server = await startTestServer({ monitor: true });
    const answer = await fetch(`${server.monitorUrl}/healthz`);
    expect(answer.status).toBe(200);
  });
});

async function publish(url: string, text: string): Promise<void> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
  await jetstream(connection).publish('kept.message', text);
  await connection.close();
}

async function storedMessages(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info('KEPT');
  await connection.close();
  return state.messages;
}
