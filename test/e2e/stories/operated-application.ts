import { join } from 'node:path';
import { watchWrites } from '../../support/api-writes';
import { commandResult, type CommandResult } from '../../support/command';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { isSettled, probe } from '../../support/jetstream-probe';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';
import { storeDeadLetters } from '../../support/stored-dead-letters';

/** A built application with the generated consumer of `order.created`. */
export interface OperatedApplication {
  readonly project: NestProject;
  /** Default: that of `shop`. */
  readonly durable?: string;
  /** The built file to run. Default: `dist/main.js`. */
  readonly main?: string;
  /** Options of each command. Default: none. */
  readonly options?: readonly string[];
  /** Folder of the project to run commands in. Default: its root. */
  readonly folder?: string;
}

const DURABLE = 'shop-order-created';

/** Runs `npx nest-jetstream` as a user types it, with the address of a server in NATS_URL. */
export async function operate(
  { project, options = [], folder = '' }: Omit<OperatedApplication, 'durable' | 'main'>,
  natsUrl: string,
  line: string,
): Promise<CommandResult> {
  const words = [...line.split(' '), ...options];
  const command = [`NATS_URL=${natsUrl}`, 'npx', '--no', '--', 'nest-jetstream', ...words];
  return commandResult(join(project.path, folder), 'env', ...command);
}

/** Expects that `plan` shows what the application lacks, that `apply` creates it, and only once. */
export async function expectApplied(application: OperatedApplication, natsUrl: string): Promise<void> {
  const { durable = DURABLE } = application;
  expect(await operate(application, natsUrl, 'plan')).toEqual({
    end: 2,
    output: expect.stringContaining(`+ durable ${durable} of stream ORDERS`),
  });
  expect(await operate(application, natsUrl, 'apply --yes')).toEqual({
    end: 0,
    output: expect.stringMatching(/^Done: \d created, 0 updated\.$/m),
  });
  const observer = await probe(natsUrl);
  const writes = await watchWrites(observer);
  expect(await operate(application, natsUrl, 'apply --yes')).toEqual({
    end: 0,
    output: expect.stringMatching(/^Nothing to do: the server has what the application declares\.$/m),
  });
  expect(writes).toEqual([]);
  await expect(observer.manager.consumers.info('ORDERS', durable)).resolves.toMatchObject({ num_pending: 0 });
}

/**
 * Starts the application, and expects that the commands show its state, redrive a dead letter to
 * its handler, and replay its messages.
 */
export async function expectOperated(application: OperatedApplication, natsUrl: string): Promise<void> {
  const { project, durable = DURABLE, main = 'dist/main.js' } = application;
  const run = async (line: string): Promise<CommandResult> => operate(application, natsUrl, line);
  const app = await startApp(project, natsUrl, { main });
  const observer = await probe(natsUrl);
  await observer.client.publish('order.created', JSON.stringify({ id: 1, product: 'Socks' }));
  await observer.client.publish('order.created', 'no JSON');
  await eventually('a dead letter', async () => (await deadLettersOf(observer, 'ORDERS')).length === 1);
  // The generated handler fails for no order.
  const letter = { consumer: durable, data: new TextEncoder().encode('{"id":3,"product":"Hat"}') };
  await storeDeadLetters(observer, 'ORDERS', [letter]);
  await eventually('handled', async () => isSettled(observer, 'ORDERS', durable));

  // Two processors run them in less time than one after the other.
  const [status, doctor, letters] = await Promise.all([run('status'), run('doctor'), run('dlq ls ORDERS')]);
  expect(status).toEqual({
    end: 0,
    output: expect.stringMatching(new RegExp(`^ORDERS +2 .* 2\n[^]*^ORDERS +${durable} +0 .* 2$`, 'm')),
  });
  expect(doctor).toEqual({
    end: 2,
    output: expect.stringMatching(/^ {2}\? DEAD_LETTERS: Stream 'ORDERS' has 2 [^]*: 0 errors, \d warnings\.$/m),
  });
  expect(letters).toEqual({
    end: 0,
    output: expect.stringMatching(new RegExp(`^2 dead letters of ORDERS\n[^]* ${durable} .*no card`)),
  });

  expect(await run(`dlq redrive ORDERS ${durable} 1`)).toEqual({
    end: 0,
    output: expect.stringContaining('1 dead letter of ORDERS was redriven to their consumers.'),
  });
  await app.waitForLog(/\[OrderCreatedConsumer\].*Hat/);
  expect(await run(`replay ORDERS ${durable} --from 1 --yes`)).toEqual({
    end: 0,
    output: expect.stringContaining(`${durable} of stream ORDERS receives 2 messages again, from sequence 1 on.`),
  });
  await app.waitForLog(/\[OrderCreatedConsumer\].*Socks[^]*\[OrderCreatedConsumer\].*Socks/);
  await app.stop();
}
