import type { StreamSettings } from '@nest-jetstream/transport';
import type { StreamConfig } from '@nats-io/jetstream';
import { watchWrites } from '../support/api-writes';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const SECOND = 1e9;
const MARKERS: StreamSettings = { subject_delete_marker_ttl: '2s' };
const SCHEDULES: StreamSettings = { allow_msg_schedules: true };

/**
 * Values of each field: the default written out, other spellings of the default, and other values.
 */
const VALUES: { readonly [Field in keyof StreamSettings & keyof StreamConfig]-?: readonly StreamSettings[Field][] } = {
  name: ['AUDIT'],
  subjects: [['audit.>'], ['audit.*', 'audited.>'], ['audited.>', 'audit.*'], [], undefined],
  description: ['', 'audit trail', undefined],
  storage: ['file', 'memory', undefined],
  retention: ['limits', 'interest', 'workqueue', undefined],
  discard: ['old', 'new', undefined],
  discard_new_per_subject: [false, undefined],
  max_age: [0, 60 * SECOND, '1m', '7d', undefined],
  max_msgs: [-1, 0, -7, 10, undefined],
  max_bytes: [-1, 0, 100_000, undefined],
  max_msg_size: [-1, 0, 1_000, undefined],
  max_msgs_per_subject: [-1, 0, 5, undefined],
  max_consumers: [-1, 0, 3, undefined],
  num_replicas: [0, 1, undefined],
  duplicate_window: [0, '2m', 30 * SECOND, undefined],
  no_ack: [false, true, undefined],
  sealed: [false, undefined],
  deny_delete: [false, true, undefined],
  deny_purge: [false, true, undefined],
  allow_rollup_hdrs: [false, true, undefined],
  allow_direct: [false, true, undefined],
  mirror_direct: [false, undefined],
  allow_msg_ttl: [false, true, undefined],
  subject_delete_marker_ttl: [0, '1s', '1.5s', undefined],
  allow_msg_schedules: [false, true, undefined],
  allow_atomic: [false, true, undefined],
  allow_batched: [false, true, undefined],
  allow_msg_counter: [false, true, undefined],
  persist_mode: ['default', '', 'async', undefined],
  compression: ['none', 's2', undefined],
  first_seq: [0, 1, 100, undefined],
  metadata: [{}, { team: 'shop' }, { team: '' }, { '_nats.level': '1' }, undefined],
  mirror: [undefined],
  sources: [
    [],
    [{ name: 'ORIGIN' }],
    [{ name: 'ORIGIN', opt_start_seq: 0, filter_subject: '', subject_transforms: [] }],
    [{ name: 'ORIGIN', opt_start_seq: 5, filter_subject: '>' }],
    [{ name: 'ORIGIN', opt_start_time: '2026-01-02T03:04:05.000Z' }],
    [{ name: 'ORIGIN', opt_start_time: '2026-01-02T03:04:05.120+02:00' }],
    [
      { name: 'ORIGIN', filter_subject: 'origin.b' },
      { name: 'ORIGIN', filter_subject: 'origin.a' },
    ],
    [{ name: 'ORIGIN', domain: '' }],
    [{ name: 'ORIGIN', domain: 'hub' }],
    [{ name: 'ORIGIN', external: { api: '$JS.hub.API' } }],
    [{ name: 'ORIGIN', external: { api: '$JS.hub.API', deliver: 'deliver.hub' } }],
    [{ name: 'ORIGIN', subject_transforms: [{ src: 'origin.*', dest: 'copied.{{wildcard(1)}}' }] }],
    undefined,
  ],
  placement: [
    {} as StreamConfig['placement'],
    { cluster: '', tags: [] },
    { cluster: 'hub', tags: [] },
    { cluster: '', tags: ['ssd', 'eu'] },
    undefined,
  ],
  republish: [
    { src: '', dest: 'seen.>' },
    { src: '>', dest: 'seen.>', headers_only: false },
    { src: 'audit.>', dest: 'seen.>', headers_only: true },
    undefined,
  ],
  subject_transform: [{ src: '', dest: 'kept.>' }, { dest: 'kept.>' }, { src: '>', dest: 'kept.>' }, undefined],
  consumer_limits: [
    {},
    { max_ack_pending: 0, inactive_threshold: 0 },
    { max_ack_pending: -1 },
    { max_ack_pending: 5, inactive_threshold: '1h' },
    undefined,
  ],
};

const singleFields = Object.entries(VALUES).flatMap(([field, values]) =>
  values.map((value): StreamSettings => ({ subjects: ['audit.>'], [field]: value })),
);
const MIRROR = { subjects: undefined, mirror: { name: 'ORIGIN' } } as unknown as StreamSettings;
/** Fields that the server changes because of other fields. */
const combinations: StreamSettings[] = [
  { ...MARKERS, allow_rollup_hdrs: false, allow_msg_ttl: false },
  { ...MARKERS, deny_purge: true },
  { ...SCHEDULES, allow_rollup_hdrs: false, deny_purge: true },
  { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 5 },
  { max_age: '1m', duplicate_window: 0 },
  { max_age: '1m', duplicate_window: '1m' },
  { sources: [{ name: 'ORIGIN' }], subjects: [] },
  { sources: [{ name: 'ORIGIN' }], duplicate_window: '2m' },
  { sources: [{ name: 'ORIGIN' }], duplicate_window: 0 },
  { allow_msg_counter: true, allow_direct: true },
  MIRROR,
  { ...MIRROR, subjects: [] },
  { ...MIRROR, mirror_direct: false, allow_direct: false },
  { ...MIRROR, mirror_direct: true },
  { ...MIRROR, mirror: { name: 'NOT_THERE_YET' }, mirror_direct: true },
  { ...MIRROR, mirror: { name: 'ORIGIN', domain: 'hub' } },
  { ...MIRROR, mirror: { name: 'ORIGIN', domain: '' } },
  { ...MIRROR, mirror: { name: 'ORIGIN', opt_start_seq: 0, filter_subject: '' } },
  { ...MIRROR, mirror: { name: 'ORIGIN', opt_start_time: '2026-01-02T03:04:05.100Z' } },
  { ...MIRROR, duplicate_window: '2m' },
];
const MATRIX = [...singleFields, ...combinations].map((settings): [string, StreamSettings] => [
  JSON.stringify(settings, (_, value: unknown) => (value === undefined ? 'undefined' : value)),
  { name: 'AUDIT', ...settings },
]);

describe('Second and third start of a stream declaration', () => {
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

  it.each(MATRIX)('find no drift and update nothing: %s', async (_title, streamConfig) => {
    await (await startTestApp(url, { streamConfig })).close();
    const { config } = await jetStream.manager.streams.info('AUDIT');
    const writes = await watchWrites(jetStream);
    for (const provisioning of ['apply', 'apply', 'verify'] as const)
      await (await startTestApp(url, { streamConfig, provisioning })).close();
    await jetStream.connection.flush();
    expect((await jetStream.manager.streams.info('AUDIT')).config).toEqual(config);
    // The server itself creates consumers for mirrors and sources.
    expect(writes.filter((subject) => subject.includes('.STREAM.'))).toEqual([]);
  });
});
