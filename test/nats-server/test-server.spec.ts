import { startTestServer } from '../support/nats-server';
import { storedMessages, storeMessage } from './support/stored-messages';

describe('startTestServer', () => {
  it('keeps messages over a stop, a kill and a restart on the same port', async () => {
    const server = await startTestServer();
    await storeMessage(server.url, 'one');
    await server.stop();
    await server.restart();
    await storeMessage(server.url, 'two');
    await server.kill();
    await server.restart();
    expect(await storedMessages(server.url)).toEqual(['one', 'two']);
  });

  it('starts a monitoring endpoint', async () => {
    const server = await startTestServer({ monitor: true });
    expect((await fetch(`${server.monitorUrl}/healthz`)).status).toBe(200);
  });
});
