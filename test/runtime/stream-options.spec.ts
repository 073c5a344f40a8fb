import { defineStream, NatsJetStreamClientProxy, type StreamSettings } from '@nest-jetstream/transport';
import type { StreamConfig } from '@nats-io/jetstream';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const OPTIONS: [string, StreamSettings][] = [
  ['allow_rollup_hdrs', { allow_rollup_hdrs: true }],
  ['deny_delete', { deny_delete: true }],
  ['deny_purge', { deny_purge: true }],
  ['description', { description: 'what happened' }],
  ['discard', { discard: 'new' }],
  ['max_bytes', { max_bytes: 1_000_000 }],
  ['max_consumers', { max_consumers: 3 }],
  ['max_msg_size', { max_msg_size: 1_000 }],
  ['max_msgs', { max_msgs: 100 }],
  ['max_msgs_per_subject', { max_msgs_per_subject: 5 }],
  ['mirror', { mirror: { name: 'ORIGIN', filter_subject: 'origin.a' } }],
  ['no_ack', { no_ack: true }],
  ['num_replicas', { num_replicas: 1 }],
  ['retention', { retention: 'interest' }],
  ['sources', { sources: [{ name: 'ORIGIN', filter_subject: 'origin.a' }] }],
  ['storage', { storage: 'memory' }],
  ['compression', { compression: 's2' }],
  ['republish', { republish: { src: 'audit.>', dest: 'seen.>' } }],
  ['subject_transform', { subject_transform: { src: 'audit.*', dest: 'audit.kept.{{wildcard(1)}}' } }],
  ['allow_msg_ttl', { allow_msg_ttl: true }],
  ['allow_msg_schedules', { allow_msg_schedules: true }],
  ['allow_direct', { allow_direct: true }],
  ['metadata', { metadata: { owner: 'shop' } }],
  ['first_seq', { first_seq: 100 }],
  ['discard_new_per_subject', { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 5 }],
  ['mirror_direct', { mirror: { name: 'ORIGIN' }, mirror_direct: true, allow_direct: true }],
  ['allow_atomic', { allow_atomic: true }],
  ['allow_batched', { allow_batched: true }],
  ['allow_msg_counter', { allow_msg_counter: true, allow_direct: true }],
  ['persist_mode', { persist_mode: 'async' }],
  ['placement', { placement: { cluster: 'hub', tags: ['ssd'] } }],
];

describe('streamConfig', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeAll(async () => {
    ({ url } = await startTestServer());
  });
  beforeEach(async () => {
    jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORIGIN', subjects: ['origin.>'], allow_direct: true });
  });
  afterEach(async () => {
    for (const stream of ['AUDIT', 'ORIGIN']) await jetStream.manager.streams.delete(stream);
  });

  it.each(OPTIONS)('sends %s to the server and changes nothing at a second start', async (_option, settings) => {
    const subjects = 'mirror' in settings ? {} : { subjects: ['audit.>'] };
    const streamConfig = { name: 'AUDIT', ...subjects, ...settings };
    const configs: StreamConfig[] = [];
    for (let start = 0; start < 2; start++) {
      const app = await startTestApp(url, { streamConfig });
      configs.push((await jetStream.manager.streams.info('AUDIT')).config);
      await app.close();
    }
    expect(configs[0]).toMatchObject(settings);
    expect(configs[1]).toEqual(configs[0]);
  });

  it('accepts sealed only for a stream that was sealed by hand', async () => {
    const streamConfig: StreamSettings = { name: 'AUDIT', subjects: ['audit.>'], sealed: true };
    await expect(startTestApp(url, { streamConfig })).rejects.toMatchObject({ code: 'STREAM_PROVISIONING' });
    const { config } = await jetStream.manager.streams.add({ name: 'AUDIT', subjects: ['audit.>'] });
    await expect(startTestApp(url, { streamConfig })).rejects.toMatchObject({ code: 'STREAM_DRIFT' });
    const sealed = { ...config, sealed: true };
    await jetStream.manager.streams.update('AUDIT', sealed);
    await startTestApp(url, { streamConfig });
  });
});

describe('Unknown options', () => {
  it.each<[string, object, string]>([
    [
      'template_owner',
      { template_owner: 'x' },
      "Unknown option 'streamConfig.template_owner'. nats-server no longer supports stream templates",
    ],
    [
      'maxAge',
      { maxAge: 1 },
      "Unknown option 'streamConfig.maxAge'. Did you mean 'max_age'? Known options: allowDataLoss, ",
    ],
    ['maxMessages', { maxMessages: 1 }, "'streamConfig.maxMessages'. Did you mean 'max_msgs'?"],
    ['replicas', { replicas: 3 }, "'streamConfig.replicas'. Did you mean 'num_replicas'?"],
    [
      'mirror',
      { mirror: { nam: 'ORIGIN' } },
      "'streamConfig.mirror.nam'. Did you mean 'name'? Known options: consumer, domain, ",
    ],
    [
      'external',
      { mirror: { name: 'A', external: { apii: 'x' } } },
      "'streamConfig.mirror.external.apii'. Did you mean 'api'?",
    ],
    [
      'sources',
      { sources: [{ name: 'A' }, { name: 'B', filterSubject: 'a' }] },
      "'streamConfig.sources.filterSubject'. Did you mean 'filter_subject'?",
    ],
    [
      'subject_transforms',
      { sources: [{ name: 'A', subject_transforms: [{ srcs: 'a', dest: 'b' }] }] },
      "'streamConfig.sources.subject_transforms.srcs'. Did you mean 'src'?",
    ],
    ['placement', { placement: { clusters: 'a' } }, "'streamConfig.placement.clusters'. Did you mean 'cluster'?"],
    [
      'republish',
      { republish: { src: 'a', dest: 'b', header_only: true } },
      "'streamConfig.republish.header_only'. Did you mean 'headers_only'?",
    ],
    [
      'subject_transform',
      { subject_transform: { from: 'a', dest: 'b' } },
      "'streamConfig.subject_transform.from'. Known options: dest, src.",
    ],
    [
      'consumer_limits',
      { consumer_limits: { max_pending: 1 } },
      "'streamConfig.consumer_limits.max_pending'. Did you mean 'max_ack_pending'?",
    ],
  ])('are refused in streamConfig with the nearest known name: %s', (_place, settings, message) => {
    const streamConfig = { name: 'AUDIT', subjects: ['audit.>'], ...settings };
    expect(() => new NatsJetStreamClientProxy({ streamConfig })).toThrow(message);
  });

  it.each<[string, string]>([
    ['maxage', "Unknown option 'maxage'. Did you mean 'maxAge'? Known options: allowAtomic, "],
    ['max_msgs', "Unknown option 'max_msgs'. Did you mean 'maxMessages'?"],
    ['duplicate_window', "Unknown option 'duplicate_window'. Did you mean 'duplicateWindow'?"],
    ['subject', "Unknown option 'subject'. Did you mean 'subjects'?"],
    ['colour', "Unknown option 'colour'. Known options: "],
  ])('are refused in defineStream with the nearest known name: %s', (option, message) => {
    const options = { name: 'AUDIT', subjects: ['audit.>'] as string[], [option]: 1 };
    expect(() => defineStream(options)).toThrow(message);
  });

  it('are accepted at any depth if undefined', async () => {
    const { url } = await startTestServer();
    const options = { name: 'AUDIT', subjects: ['audit.>'], maxage: undefined, maxAge: undefined, events: undefined };
    const stream = defineStream(options as unknown as { name: string; subjects: string[] });
    const source = {
      name: 'AUDIT',
      domain: undefined,
      external: { api: '$JS.hub.API', deliver: undefined },
      typo: undefined,
    };
    const copy = { name: 'COPY', mirror: source, subjects: undefined, max_age: undefined, colour: undefined };
    const streamConfig = { ...copy, consumer_limits: { inactive_threshold: undefined } } as unknown as StreamSettings;
    for (let start = 0; start < 2; start++)
      await (await startTestApp(url, { streams: [stream], streamConfig })).close();
    const { manager } = await probe(url);
    expect((await manager.streams.info('COPY')).config).toMatchObject({ mirror: { name: 'AUDIT' }, max_age: 0 });
  });
});

describe('defineStream', () => {
  it('has an option for every field that an application sets', async () => {
    const { url } = await startTestServer();
    const stream = defineStream({
      name: 'AUDIT',
      subjects: ['audit.>'],
      discard: 'new',
      discardNewPerSubject: true,
      maxMessagesPerSubject: 5,
      compression: 's2',
      metadata: { team: 'shop' },
      monitor: { msgsWarn: 10, seen: '1500ms' },
      allowDirect: true,
      allowAtomic: true,
      allowMessageTtl: true,
      allowRollup: true,
      denyDelete: true,
      denyPurge: false,
    });
    const plans = defineStream({ name: 'PLANS', subjects: ['plan.>'], allowMessageSchedules: true, denyPurge: true });
    for (let start = 0; start < 2; start++) await (await startTestApp(url, { streams: [stream, plans] })).close();
    const { manager } = await probe(url);
    expect((await manager.streams.info('AUDIT')).config).toMatchObject({
      discard: 'new',
      discard_new_per_subject: true,
      max_msgs_per_subject: 5,
      compression: 's2',
      metadata: {
        team: 'shop',
        'io.nats.monitor.enabled': 'true',
        'io.nats.monitor.msgs-warn': '10',
        'io.nats.monitor.seen-critical': '1500ms',
      },
      allow_direct: true,
      allow_atomic: true,
      allow_msg_ttl: true,
      allow_rollup_hdrs: true,
      deny_delete: true,
      deny_purge: false,
    });
    expect((await manager.streams.info('PLANS')).config).toMatchObject({ allow_msg_schedules: true });
  });

  it('refuses a duplicate window that is longer than maxAge, as the server does', () => {
    expect(() => defineStream({ name: 'A', subjects: ['a'], maxAge: '1m', duplicateWindow: '2m' })).toThrow(
      "'duplicateWindow' (2m) is longer than 'maxAge' (1m). Shorten 'duplicateWindow'",
    );
    expect(() => defineStream({ name: 'A', subjects: ['a'], maxAge: '1m', duplicateWindow: '1m' })).not.toThrow();
  });

  it('names two overlapping subjects', () => {
    expect(() => defineStream({ name: 'A', subjects: ['a.>', 'a.b'] as string[] })).toThrow(
      "Subjects 'a.>' and 'a.b' of stream 'A' overlap. Remove or narrow one of them.",
    );
  });
});
