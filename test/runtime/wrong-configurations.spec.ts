import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, type Type } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamError,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
  type NatsConnectionOptions,
  type PublishOptions,
  type StreamOptions,
} from '@nest-jetstream/transport';
import { PATIENT } from '../support/clients';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

let server: TestServer;
let secured: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'nats-password-'));
  await writeFile(join(folder, 'server.conf'), 'authorization { user: shop, password: secret }');
  secured = await startTestServer({ extraArguments: ['-c', join(folder, 'server.conf')] });
  await rm(folder, { recursive: true, force: true });
  const { manager } = await probe(server.url);
  await manager.streams.add({ name: 'TAKEN', subjects: ['taken.>'], max_msgs: 100 });
  await manager.consumers.add('TAKEN', { durable_name: 'fixed', ack_policy: 'explicit', filter_subject: 'taken.>' });
});

const starting = async (options: TestAppOptions): Promise<unknown> => startTestApp(server.url, options);
const connecting = async (connectionOptions: NatsConnectionOptions): Promise<unknown> =>
  starting({ connectionOptions });
const calling = async (call: () => unknown): Promise<unknown> => call();
const declaring = async (options: StreamOptions<readonly string[], Record<string, string>>): Promise<unknown> =>
  defineStream(options);
const publishing = async (subject: string, event: unknown, options?: PublishOptions): Promise<unknown> =>
  (await startTestApp(server.url)).get(NatsJetStreamClientProxy).emitAsync(subject, event, options);

function handling(options: JetStreamConsumerOptions, subject: string = ORDER_CREATED): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer<string>(subject, options)
    handle(): void {}
  }
  return Orders;
}

async function failureOf(attempt: () => Promise<unknown>): Promise<NatsJetStreamError> {
  const failure = await attempt().catch((error: unknown) => error);
  if (failure instanceof NatsJetStreamError) return failure;
  throw new Error(`expected one of our errors, got ${String(failure)}`);
}

describe('Invalid configuration', () => {
  it.each<[area: string, what: string, attempt: () => Promise<unknown>, code: string, message: string]>([
    [
      'connection',
      'no server at the address',
      async () => connecting({ servers: 'nats://127.0.0.1:1', waitOnFirstConnect: false }),
      'CONNECT_FAILED',
      'Cannot connect to nats://127.0.0.1:1: connection refused. Check NATS_URL or connectionOptions. ' +
        "'npx nest-jetstream server' starts a local server.",
    ],
    [
      'connection',
      'a wrong password',
      async () => connecting({ ...PATIENT, servers: secured.url, user: 'shop', pass: 'guess' }),
      'CONNECT_FAILED',
      'Cannot connect to nats://secured: Authorization Violation. Check the credentials in connectionOptions or in the address, ' +
        'and the permissions of their user.',
    ],
    [
      'connection',
      'port with servers',
      async () => connecting({ servers: server.url, port: 4222 }),
      'INVALID_OPTION',
      "'connectionOptions.port' and 'connectionOptions.servers' cannot be combined, because servers contains the ports. " +
        'Remove one of them.',
    ],
    [
      'stream',
      'neither name nor subjects',
      async () => starting({ streamConfig: { storage: 'file' } }),
      'INVALID_OPTION',
      "Option 'streamConfig.name' cannot be undefined. Set a name, or subjects to derive it from.",
    ],
    [
      'stream',
      'a name with a dot',
      async () => declaring({ name: 'or.ders', subjects: ['order.>'] }),
      'INVALID_OPTION',
      "Option 'name' cannot be \"or.ders\". A stream name has no white space, '.', '*', '>', '/' or '\\'.",
    ],
    [
      'stream',
      'milliseconds instead of nanoseconds',
      async () => starting({ streamConfig: { name: 'ORDERS', subjects: ['order.>'], max_age: 60_000 } }),
      'INVALID_OPTION',
      "Option 'streamConfig.max_age' cannot be 60000. A bare number is nanoseconds here. For 60000 ms write '1m'.",
    ],
    [
      'stream',
      'a duration without a known unit',
      async () => declaring({ name: 'ORDERS', subjects: ['order.>'], maxAge: 'a week' as '7d' }),
      'INVALID_OPTION',
      "Option 'maxAge' cannot be \"a week\". Pass milliseconds as a whole number above 0, or a string such as '30s'.",
    ],
    [
      'stream',
      'overlapping subjects',
      async () => declaring({ name: 'ORDERS', subjects: ['order.*', 'order.created'] }),
      'INVALID_OPTION',
      "Subjects 'order.*' and 'order.created' of stream 'ORDERS' overlap. Remove or narrow one of them.",
    ],
    [
      'stream',
      'an event outside of its subjects',
      async () => declaring({ name: 'RETURNS', subjects: ['return.>'], events: { ORDER_CREATED } }),
      'INVALID_OPTION',
      "The subjects of stream 'RETURNS' do not cover its event 'order.created'. Add a subject, or remove the event.",
    ],
    [
      'stream',
      'allowDataLoss with a field that loses no data',
      async () => declaring({ name: 'ORDERS', subjects: ['order.>'], allowDataLoss: ['storage' as 'maxAge'] }),
      'INVALID_OPTION',
      "'allowDataLoss' cannot contain 'storage'. Allowed names: maxAge, maxMessages, maxMessagesPerSubject, maxBytes, " +
        'maxMessageSize, replicas, discard, discardNewPerSubject, retention.',
    ],
    [
      'stream',
      'two declarations of one name',
      async () => starting({ streams: [OrdersStream], streamConfig: { name: 'ORDERS', subjects: ['order.*'] } }),
      'STREAM_DECLARED_TWICE',
      "Stream 'ORDERS' is declared twice with different options. Keep one declaration and import it.",
    ],
    [
      'stream',
      'two streams that store one subject',
      async () => starting({ streams: [OrdersStream], streamConfig: { name: 'ALL', subjects: ['*.created'] } }),
      'STREAM_OVERLAP',
      "Subjects 'order.>' of stream 'ORDERS' and '*.created' of stream 'ALL' overlap. Remove or narrow one of them.",
    ],
    [
      'a subject stored by another service',
      'a subject that another service stores',
      async () => starting({ streamConfig: { name: 'MINE', subjects: ['taken.here'] } }),
      'STREAM_OVERLAP',
      "Stream 'MINE' cannot store 'taken.here', because stream 'TAKEN' on the server already stores 'taken.>'. " +
        "A subject can be in one stream only. Narrow the subjects of one of them, or declare 'TAKEN' instead.",
    ],
    [
      'stream',
      'a limit below that of the server, and another storage',
      async () => starting({ streamConfig: { name: 'TAKEN', subjects: ['taken.>'], max_msgs: 10, storage: 'memory' } }),
      'STREAM_DRIFT',
      "Stream 'TAKEN' on the server differs from its declaration (max_msgs is 100, declared 10; " +
        'storage is "file", declared "memory"). ' +
        "A change of 'max_msgs' can drop stored messages. An existing stream cannot change 'storage'. " +
        "Declare what the server has, or change the stream by hand. To accept the loss, add allowDataLoss: ['max_msgs'].",
    ],
    [
      'a configuration that the server refuses',
      'what the server refuses',
      async () =>
        starting({ streamConfig: { name: 'SHORT', subjects: ['short'], max_age: '1m', duplicate_window: '2m' } }),
      'STREAM_PROVISIONING',
      "Stream 'SHORT' could not be created or updated, because the request failed with " +
        '"duplicates window can not be larger then max age". ' +
        "Check its declaration and the permissions of the connection's user.",
    ],
    [
      'consumer',
      'no id and no durable',
      async () => starting({ id: '', controllers: [handling({})] }),
      'MISSING_SERVICE_ID',
      "The handler of 'order.created' has no durable name, because the service has no 'id' to derive one from. Set " +
        "'id' in NatsJetStreamTransport.register({ id: 'my-service' }), or 'durable' on the handler.",
    ],
    [
      'consumer',
      'a durable with a dot',
      async () => starting({ controllers: [handling({ durable: 'a.b' })] }),
      'INVALID_OPTION',
      "Option 'durable' cannot be \"a.b\". A durable name has no white space, '.', '*', '>', '/' or '\\'.",
    ],
    [
      'consumer',
      'one durable for two handlers',
      async () => starting({ controllers: [handling({ durable: 'a' }), handling({ durable: 'a' })] }),
      'DUPLICATE_DURABLE',
      "Durable 'a' is used twice by Orders.handle, because Nest registers the handler for two controllers. List its " +
        'controller in one module only. Decorate the method of each subclass, instead of the one they inherit.',
    ],
    [
      'consumer',
      'three invalid options at once',
      async () => starting({ controllers: [handling({ maxRetries: 3, concurrency: 0, durable: 'a b' } as object)] }),
      'INVALID_OPTIONS',
      '3 options cannot be used.\n' +
        "- Unknown option 'maxRetries' of Orders.handle. Known options: ackMode, ackPolicy, ackWait, backoff, batch, " +
        'concurrency, connection, deadLetter, deliverGroup, deliverMarkers, deliverPolicy, deliverTo, deliverToSubject, deliveryPolicy, ' +
        'description, durable, filterSubject, filterSubjects, flowControl, headersOnly, idleHeartbeat, inactiveThreshold, ' +
        'limit, manualAck, maxAckPending, maxDeliver, maxMessages, maxProcessingTime, maxWaiting, maxwaiting, memStorage, ' +
        'metadata, monitor, numReplicas, orderAcross, orderBy, orderedConsumer, prefetch, replayPolicy, retryDelay, sample, ' +
        'startAtTimeDelta, startSequence, startTime, stream, terminateOn, timeout.\n' +
        "- Option 'concurrency' cannot be 0. Pass a whole number from 1 up.\n" +
        "- Option 'durable' cannot be \"a b\". A durable name has no white space, '.', '*', '>', '/' or '\\'.",
    ],
    [
      'consumer',
      'orderAcross without orderBy',
      async () => starting({ controllers: [handling({ orderAcross: 'instances' })] }),
      'INVALID_OPTION',
      "'orderAcross: instances' requires 'orderBy', because it returns the key whose messages stay in order.",
    ],
    [
      'consumer',
      'backoff with ackWait',
      async () => starting({ controllers: [handling({ backoff: ['1s'], ackWait: '1s' })] }),
      'INVALID_OPTION',
      "'backoff' and 'ackWait' cannot be combined, because backoff sets the redelivery delays itself. Remove one of them.",
    ],
    [
      'consumer',
      'overlapping filters',
      async () => starting({ controllers: [handling({ filterSubjects: ['order.*', 'order.created'] }, 'order.>')] }),
      'INVALID_OPTION',
      "Subjects 'order.*' and 'order.created' of 'filterSubjects' overlap. Remove or narrow one of them.",
    ],
    [
      'consumer',
      'a filter outside of the pattern',
      async () => starting({ controllers: [handling({ filterSubject: 'order.deleted' })] }),
      'INVALID_OPTION',
      "Option 'filterSubject' cannot be \"order.deleted\". It is not part of the handler's subject 'order.created'. Filter by a part of it.",
    ],
    [
      'consumer',
      'a deliverTo inside its own stream',
      async () =>
        starting({ streams: [OrdersStream], controllers: [handling({ durable: 'a', deliverTo: 'order.in' })] }),
      'INVALID_OPTION',
      "Option 'deliverTo' cannot be \"order.in.a\". Stream 'ORDERS' would store the messages that are pushed " +
        'there. Pass a subject that no stream stores.',
    ],
    [
      'consumer',
      'one deliverToSubject for two handlers',
      async () =>
        starting({
          controllers: [
            handling({ durable: 'a', deliverToSubject: 'in' }),
            handling({ durable: 'b', deliverToSubject: 'in' }),
          ],
        }),
      'INVALID_OPTION',
      "Option 'deliverToSubject' cannot be \"in\". Orders.handle and Orders.handle would receive each other's " +
        'messages. Use deliverTo, which is a prefix.',
    ],
    [
      'consumer',
      'impossible changes of a durable',
      async () =>
        starting({
          controllers: [handling({ durable: 'fixed', ackPolicy: 'None', replayPolicy: 'Original' }, 'taken.>')],
        }),
      'CONSUMER_DRIFT',
      "Durable 'fixed' of stream 'TAKEN' differs from its declaration, and the server cannot change it (ack_policy is " +
        '"explicit", declared "none"; replay_policy is "instant", declared "original"). Declare what the server has, ' +
        "give the handler another 'durable', or delete this one with JetStreamAdmin.deleteConsumer('TAKEN', 'fixed'), " +
        'which loses its position in the stream.',
    ],
    [
      'publish',
      'a message id for all messages',
      async () => starting({ jetStreamPublishOptions: { msgID: 'x' } as object }),
      'INVALID_OPTION',
      'Option \'jetStreamPublishOptions.msgID\' cannot be "x". The stream would drop every message after the ' +
        'first as a duplicate. Pass it with the message, as in emitAsync(subject, event, options).',
    ],
    [
      'publish',
      'ackWait of the reference',
      async () => publishing('taken.a', {}, { ackWait: 1_000 } as object),
      'INVALID_OPTION',
      "Unknown option 'ackWait'. Did you mean 'timeout'? Known options: cancelSchedule, expect, headers, msgID, retries, " +
        'rollup, schedule, timeout, ttl, validate.',
    ],
    [
      'publish',
      'a subject with a wildcard',
      async () => publishing('taken.*', {}),
      'INVALID_SUBJECT',
      "'taken.*' is a pattern. Use a subject without '*' and '>'.",
    ],
    [
      'publish',
      'a ttl below a second',
      async () => publishing('taken.a', {}, { ttl: 500 }),
      'INVALID_OPTION',
      "Option 'ttl' cannot be 500. The server counts whole seconds. Pass at least '1s' or 1000.",
    ],
    [
      'publish',
      'a header of the server',
      async () => publishing('taken.a', {}, { headers: { 'Nats-Rollup': 'all' } }),
      'INVALID_OPTION',
      "Option 'headers.Nats-Rollup' cannot be \"all\". Headers that begin with 'Nats-' control the server. " +
        'Use the options msgID, expect, ttl, schedule or rollup instead.',
    ],
    [
      'publish',
      'an undefined event',
      async () => publishing('taken.a', undefined),
      'UNSERIALIZABLE_EVENT',
      "The event for 'taken.a' cannot be written as JSON (it is undefined). Pass plain data, or a Uint8Array.",
    ],
    [
      'publish',
      'a subject that no stream stores',
      async () => publishing('nowhere', {}),
      'NO_STREAM_FOR_SUBJECT',
      "No stream stores 'nowhere'. Declare a stream with this subject in NatsJetStreamTransport.forFeature({ " +
        'streams: [...] }), or check that JetStream is enabled on the server.',
    ],
    [
      'module',
      'two sources of options',
      async () =>
        calling(() => NatsJetStreamTransport.registerAsync({ useFactory: () => ({}), useClass: Object as never })),
      'INVALID_OPTION',
      'registerAsync() has 2 sources of options. Set exactly one of useFactory, useClass and useExisting.',
    ],
    [
      'module',
      'consumerOptions with serverConsumerOptions',
      async () => starting({ consumerOptions: {}, serverConsumerOptions: {} }),
      'INVALID_OPTION',
      "'serverConsumerOptions' and 'consumerOptions' cannot be combined, because they are two names of one option. " +
        'Remove one of them.',
    ],
    [
      'module',
      'an unknown provisioning mode',
      async () => starting({ provisioning: 'check' as 'verify' }),
      'INVALID_OPTION',
      "Option 'provisioning' cannot be \"check\". Pass 'apply', 'verify' or 'none'.",
    ],
    [
      'module',
      'provisioning verify without a stream',
      async () => starting({ provisioning: 'verify', streamConfig: { name: 'ABSENT', subjects: ['absent'] } }),
      'PROVISIONING_MISMATCH',
      "The server differs from the declaration of this service, and provisioning 'verify' changes nothing:\n" +
        "- stream 'ABSENT' is missing\n" +
        "Change the server accordingly, or start this service once with provisioning 'apply'.",
    ],
    [
      'module',
      'provisioning none without a durable',
      async () => starting({ provisioning: 'none', controllers: [handling({ durable: 'absent' }, 'taken.>')] }),
      'MISSING_DURABLE',
      "Durable 'absent' of stream 'TAKEN' for Orders.handle does not exist. With provisioning 'none' the service " +
        "creates nothing. Create it, or start this service once with provisioning 'apply'.",
    ],
  ])('is explained for the %s: %s', async (_area, _what, attempt, code, message) => {
    const failure = await failureOf(attempt);
    expect(failure.message.replace(secured.url, 'nats://secured')).toBe(message);
    expect(failure.code).toBe(code);
  });
});
