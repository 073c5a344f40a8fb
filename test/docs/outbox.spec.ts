import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as common from '@nestjs/common';
import type { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import * as transport from '@nest-jetstream/transport';
import { createClient } from '../support/clients';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { blocksOf } from './support/markdown';
import { readPage, ROOT } from './support/pages';
import { runBlock } from './support/run-block';

const PAGE = 'docs/outbox.md';
const EXAMPLE = join(ROOT, 'examples', '09-outbox');

/** Returns a text with single spaces. */
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('the page about the outbox', () => {
  const code = blocksOf(readPage(PAGE))
    .map((block) => block.code)
    .join('\n');
  const example = inOneLine(
    readdirSync(EXAMPLE)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(EXAMPLE, file), 'utf8'))
      .join('\n')
      .replaceAll('IF NOT EXISTS ', ''),
  );
  const statements = [
    ...[...code.matchAll(/CREATE TABLE [^;]*/g)].map(([table]) => table),
    ...[...code.matchAll(/'((?:SELECT|DELETE|INSERT)[^']*(?:outbox|inbox)[^']*)'/g)].map(([, sql = '']) => sql),
  ].map((statement) => inOneLine(statement).replace('LIMIT 100', 'LIMIT $1'));

  it.each(statements)('has the statement of the example: %s', (statement) => {
    expect(example).toContain(statement);
  });

  it('has statements', () => {
    expect(statements).toHaveLength(6);
  });
});

it('publishes a message of the outbox of Nest once under its id', async () => {
  const { url } = await startTestServer();
  const { manager } = await probe(url);
  await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
  const exported: {
    JetStreamOutboxTransport?: new (client: NatsJetStreamClientProxy) => { publish(message: object): Promise<void> };
  } = runBlock(PAGE, 'src/outbox/jetstream-outbox.transport.ts', {
    '@nest-jetstream/transport': transport,
    '@nestjs/common': common,
    '@nestjs/outbox': { OutboxTransport: Object },
  });
  const message = { id: 'a-uuid', topic: 'order.created', payload: { id: 1 }, headers: { tenant: 'eu' }, key: null };
  const relayed = new exported.JetStreamOutboxTransport!(createClient({ connectionOptions: { servers: url } }));

  await relayed.publish(message);
  // The relay lost its lease.
  await relayed.publish(message);

  expect((await manager.streams.info('ORDERS')).state.messages).toBe(1);
  const stored = await manager.streams.getMessage('ORDERS', { seq: 1 });
  expect(stored?.json()).toEqual({ id: 1 });
  expect(stored?.header.get('tenant')).toBe('eu');
  expect(stored?.header.get('Nats-Msg-Id')).toBe('a-uuid');
});
