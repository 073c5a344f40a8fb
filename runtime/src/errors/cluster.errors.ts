import { NatsJetStreamError } from './nats-jetstream.error';

/** Two `register` calls under one name, or two without one: which of their clients is injected would be left to chance. */
export class RegisteredTwiceError extends NatsJetStreamError {
  readonly code = 'REGISTERED_TWICE';

  constructor(name: string | undefined) {
    super(
      `NatsJetStreamTransport is registered twice ${underName(name)}: call register() once and import its result wherever it is ` +
        `needed, or give each cluster its own name, as in register({ name: 'billing-cluster' }).`,
      { value: name },
    );
  }
}

/** A `forFeature` whose `register` is missing: nobody would create its streams. */
export class NotRegisteredError extends NatsJetStreamError {
  readonly code = 'NOT_REGISTERED';

  constructor(name: string | undefined) {
    super(
      `forFeature() needs NatsJetStreamTransport to be registered ${underName(name)}: ` +
        `import NatsJetStreamTransport.register(${name === undefined ? '' : `{ name: ${JSON.stringify(name)} }`}) in the root module.`,
      { value: name },
    );
  }
}

/** A handler of a cluster that has no server in this application: it would never get a message. */
export class UnknownClusterError extends NatsJetStreamError {
  readonly code = 'UNKNOWN_CLUSTER';

  constructor(handler: string, cluster: string | undefined, known: readonly string[]) {
    const wanted = cluster === undefined ? 'the transport without a name' : `cluster ${JSON.stringify(cluster)}`;
    const names = known.map((name) => JSON.stringify(name)).join(', ');
    super(
      `${handler} belongs to ${wanted}, of which no server is connected: register it and call connectMicroservice() with its server, ` +
        `or name one of those that there are${names && ` (${names})`} in the handler's 'cluster'.`,
      { value: cluster },
    );
  }
}

function underName(name: string | undefined): string {
  return name === undefined ? 'without a name' : `under the name ${JSON.stringify(name)}`;
}
