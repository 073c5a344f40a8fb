import type { NatsJetStreamClientProxy } from './nats-jetstream-client.proxy';

/**
 * The methods of {@link NatsJetStreamClientProxy} that publish events and send requests. Use it as
 * the type of a dependency that tests replace, for example with `RecordingPublisher` of
 * `@nest-jetstream/transport/testing`:
 *
 * ```ts
 * constructor(@InjectJetStreamClient() private readonly publisher: JetStreamPublisher) {}
 * ```
 */
export interface JetStreamPublisher extends Pick<NatsJetStreamClientProxy, 'emit' | 'emitAsync' | 'request'> {}
