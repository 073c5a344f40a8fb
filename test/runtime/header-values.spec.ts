import { headers, type Msg } from '@nats-io/transport-node';
import { headerValues } from '../../runtime/src/message/header-values';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
});

/** Returns a message as nats.js receives it. */
async function received(given: Readonly<Record<string, readonly string[]>>): Promise<Msg> {
  const sent = headers();
  for (const [name, values] of Object.entries(given)) for (const value of values) sent.append(name, value);
  const { connection } = jetStream;
  const messages = connection.subscribe('headers', { max: 1 });
  connection.publish('headers', 'body: \r\n', { headers: sent });
  for await (const message of messages) return message;
  throw new Error('No message arrived.');
}

const GIVEN = { a: ['1', '2'], b: [''], 'Dead-Letter-Reason': ['é: x'], time: ['12:00'], other: ['unused'] };
const WANTED = new Set(['a', 'b', 'Dead-Letter-Reason', 'time', 'missing', 'body']);

describe('headerValues', () => {
  it('reads the same values as nats.js, without its decoding', async () => {
    const message = await received(GIVEN);
    const read = [...WANTED].map((name) => message.headers?.get(name) ?? '');
    const undecoded = await received(GIVEN);
    Object.defineProperty(undecoded, 'headers', {
      get: () => {
        throw new Error('decoded');
      },
    });
    const values = headerValues(undecoded, WANTED);
    expect([...WANTED].map((name) => values.get(name) ?? '')).toEqual(read);
    expect(read).toEqual(['1', '', 'é: x', '12:00', '', '']);
    expect(values.has('other')).toBe(false);
  });

  it('reads the decoded headers of another version of nats.js', async () => {
    const { headers: decoded } = await received(GIVEN);
    const values = headerValues({ headers: decoded } as Msg, WANTED);
    expect([values.get('a'), values.get('Dead-Letter-Reason')]).toEqual(['1', 'é: x']);
  });
});
