import { NatsJetStreamClientProxy, type StreamSettings } from '@nest-jetstream/transport';
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

  it.each(OPTIONS)('%s reaches the server, and a second start changes nothing', async (_option, settings) => {
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

  it('sealed is what a stream became by hand: it is declared so after that, and not before', async () => {
    const streamConfig: StreamSettings = { name: 'AUDIT', subjects: ['audit.>'], sealed: true };
    await expect(startTestApp(url, { streamConfig })).rejects.toMatchObject({ code: 'STREAM_PROVISIONING' });
    const { config } = await jetStream.manager.streams.add({ name: 'AUDIT', subjects: ['audit.>'] });
    await expect(startTestApp(url, { streamConfig })).rejects.toMatchObject({ code: 'STREAM_DRIFT' });
    const sealed = { ...config, sealed: true };
    await jetStream.manager.streams.update('AUDIT', sealed);
    await startTestApp(url, { streamConfig });
  });
});

describe('fields that no stream has are refused', () => {
  it.each([
    ['template_owner', 'nats-server has no stream templates any more'],
    ['maxAge', 'there are allow_atomic'],
  ])('%s', (field, remedy) => {
    const streamConfig = { name: 'AUDIT', subjects: ['audit.>'], [field]: 'x' };
    const error = `Option 'streamConfig.${field}' cannot be "x": `;
    expect(() => new NatsJetStreamClientProxy({ streamConfig })).toThrow(error);
    expect(() => new NatsJetStreamClientProxy({ streamConfig })).toThrow(remedy);
  });
});
