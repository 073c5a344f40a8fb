/** A message of the NATS protocol, with the payload if its line announces one. */
export interface NatsFrame {
  /** `PUB subject reply 12`, `MSG subject sid 12`, `+OK` … */
  readonly line: string;
  readonly payload: string;
  readonly bytes: Buffer;
}

const CRLF = '\r\n';

/** Splits a byte stream of either direction into protocol messages. */
export class NatsFrames {
  private rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): NatsFrame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: NatsFrame[] = [];
    for (let frame = this.next(); frame; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): NatsFrame | undefined {
    const lineEnd = this.rest.indexOf(CRLF);
    if (lineEnd < 0) return undefined;
    const line = this.rest.subarray(0, lineEnd).toString();
    const payloadLength = /^H?(?:PUB|MSG) /i.test(line) ? Number(line.split(' ').at(-1)) + CRLF.length : 0;
    const end = lineEnd + CRLF.length + payloadLength;
    if (this.rest.length < end) return undefined;
    const bytes = this.rest.subarray(0, end);
    this.rest = this.rest.subarray(end);
    return {
      line,
      payload: bytes.subarray(lineEnd + CRLF.length, Math.max(lineEnd + CRLF.length, end - CRLF.length)).toString(),
      bytes,
    };
  }
}
