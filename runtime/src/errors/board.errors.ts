import { NatsJetStreamError } from './nats-jetstream.error';

/** The board would be open to everyone who reaches the application. It was not created. */
export class BoardUnguardedError extends NatsJetStreamError {
  readonly code = 'BOARD_UNGUARDED';

  constructor(path: string) {
    super(
      `The board at '${path}' has no guards, so everyone who reaches the application could use it. ` +
        `Pass JetStreamBoard.forRoot({ guards: [AdminGuard] }). If something else protects it, say so in ` +
        `open, such as open: 'behind the VPN'.`,
      { value: path },
    );
  }
}
