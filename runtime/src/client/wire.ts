import { MsgHdrsImpl, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import type { EventBody } from '../codec/event-codec';
import { frameSink, type FrameSink } from '../connection/frame-sink';

/** Content of an event, the same for all attempts. */
export interface OutgoingEvent {
  readonly subject: string;
  readonly body: EventBody;
  /** Header block that is sent. */
  readonly headers: string;
}

/** Maximum number of queued characters. nats.js also flushes at 32 KiB. */
const FLUSH_AT = 32_768;
const CRLF = new Uint8Array([13, 10]);
const encoder = new TextEncoder();
const wires = new WeakMap<NatsConnection, Wire>();

/** Returns the size of an event with its headers in bytes, which counts towards server limits. */
export function sizeOf({ body, headers }: OutgoingEvent): number {
  return Buffer.byteLength(body) + Buffer.byteLength(headers);
}

/** Returns the header block that is sent. */
export function headerText(headers: MsgHdrs): string {
  let text = 'NATS/1.0\r\n';
  for (const [name, values] of headers) for (const value of values) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** Adds lines to the end of a header block. */
export function withHeaderLines(text: string, lines: string): string {
  return `${text.slice(0, -2)}${lines}\r\n`;
}

/** Returns the header block of an event that has only a message id. */
export function messageIdText(messageId: string): string {
  return `NATS/1.0\r\nNats-Msg-Id: ${messageId}\r\n\r\n`;
}

/** Writes events to one connection. Frames of one turn are encoded and sent together. */
export class Wire {
  readonly #connection: NatsConnection;
  readonly #sink: FrameSink | undefined;
  private frames = '';

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#sink = frameSink(connection);
  }

  /** Returns the only wire of a connection, so that frames keep their order. */
  static of(connection: NatsConnection): Wire {
    const known = wires.get(connection);
    if (known) return known;
    const wire = new Wire(connection);
    wires.set(connection, wire);
    return wire;
  }

  /**
   * Queues the frame of an event.
   * @throws ClosedConnectionError, DrainingConnectionError, InvalidArgumentError (nats.js) if the
   * event cannot be sent
   */
  write({ subject, headers, body }: OutgoingEvent, reply: string): void {
    const connection = this.#connection;
    const sink = this.#sink;
    const headerBytes = Buffer.byteLength(headers);
    const size = headerBytes + Buffer.byteLength(body);
    const limit = connection.info?.max_payload;
    const isTooLarge = limit !== undefined && size > limit;
    if (!sink || isTooLarge || connection.isClosed() || connection.isDraining()) {
      this.flush();
      // Throws the error of nats.js if the event cannot be sent.
      connection.publish(subject, body, { reply, headers: decodedHeaders(headers) });
      return;
    }
    sink.outMsgs++;
    sink.outBytes += size;
    const head = `HPUB ${subject} ${reply} ${headerBytes} ${size}\r\n${headers}`;
    if (typeof body === 'string') return this.queue(`${head}${body}\r\n`);
    this.flush();
    sink.sendCommand(head, body, CRLF);
  }

  private queue(frame: string): void {
    if (this.frames === '') queueMicrotask(() => this.flush());
    this.frames += frame;
    if (this.frames.length >= FLUSH_AT) this.flush();
  }

  private flush(): void {
    const { frames } = this;
    this.frames = '';
    if (frames !== '') this.#sink?.sendCommand(frames);
  }
}

function decodedHeaders(text: string): MsgHdrs {
  return MsgHdrsImpl.decode(encoder.encode(text));
}
