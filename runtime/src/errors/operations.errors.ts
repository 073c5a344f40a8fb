import { failureText, sentence } from './thrown-value';
import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The application imports no module of this package, or those of another copy of it, so it declares
 * nothing.
 */
export class NoTransportError extends NatsJetStreamError {
  readonly code = 'NO_TRANSPORT';

  constructor(rootModule: string, hasOtherCopy: boolean) {
    super(
      hasOtherCopy
        ? `${rootModule} uses another copy of @nest-jetstream/transport than the one in node_modules, so its declarations ` +
            'cannot be read. If the application is a bundle, mark @nestjs/* and @nest-jetstream/transport as external in the ' +
            'bundler. Otherwise install the package once.'
        : `${rootModule} does not import NatsJetStreamTransport.register(). Import it, or run 'nest add nest-jetstream'.`,
      { value: rootModule },
    );
  }
}

/** The options of `registerAsync` could not be read without starting the application. */
export class OptionsFactoryError extends NatsJetStreamError {
  readonly code = 'OPTIONS_FACTORY_FAILED';

  constructor(connection: string | undefined, cause: unknown) {
    const name = connection === undefined ? '' : ` of connection ${JSON.stringify(connection)}`;
    super(
      `The options of registerAsync()${name} could not be read: ${sentence(failureText(cause))} ` +
        `Import what the factory needs in its 'imports'. No other module of the application is created.`,
      { value: connection, cause },
    );
  }
}

/** The server refused a change of `apply` after it made others. `cause` is its error. */
export class ApplyIncompleteError extends NatsJetStreamError {
  readonly code = 'APPLY_INCOMPLETE';

  constructor(
    readonly made: number,
    planned: number,
    cause: unknown,
  ) {
    super(
      `${made} of ${planned} changes were made, then one failed. ${sentence(failureText(cause))} Run apply again to make the others.`,
      { value: planned, cause },
    );
  }
}

/** The dead-letter stream was recreated after the dry run. Nothing was changed. */
export class StaleSelectionError extends NatsJetStreamError {
  readonly code = 'STALE_SELECTION';

  constructor(stream: string) {
    super(
      `Stream '${stream}' was recreated after the dry run, so the selected sequences are those of other messages. ` +
        `Nothing was changed. Select the dead letters again.`,
      { value: stream },
    );
  }
}
