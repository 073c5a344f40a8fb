import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { atEndOfTurn } from '../connection/end-of-turn';
import { frameSink, type FrameSink } from '../connection/frame-sink';

const encoder = new TextEncoder();
export const ACK = encoder.encode('+ACK');

/**
 * Writes acknowledgements. All that are due before the process waits for something again, those of promises that are resolved
 * already included, go out as one piece: frame by frame through nats.js they cost more than all else that we do with a message.
 */
export class AckWriter {
  private readonly sink: FrameSink | undefined;
  private frames = '';

  constructor(private readonly connection: NatsConnection) {
    this.sink = frameSink(connection);
  }

  /** @throws ClosedConnectionError, DrainingConnectionError (nats.js): it cannot be sent any more. */
  write(message: Msg): void {
    const { connection, sink } = this;
    const { reply } = message;
    // A connection that closes takes only what it gets at once; one that is closed says so.
    if (!sink || !reply || connection.isClosed() || connection.isDraining()) {
      this.flush();
      message.respond(ACK);
      return;
    }
    if (this.frames === '') atEndOfTurn(this.flush);
    this.frames += `PUB ${reply} ${ACK.length}\r\n+ACK\r\n`;
  }

  private readonly flush = (): void => {
    const { frames } = this;
    this.frames = '';
    if (frames !== '' && !this.connection.isClosed()) this.sink?.sendCommand(encoder.encode(frames));
  };
}
