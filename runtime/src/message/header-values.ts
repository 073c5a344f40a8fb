import type { Msg } from '@nats-io/transport-node';

/** Members of a received message that the types of nats.js do not have. */
interface ReceivedMessage {
  readonly _rdata?: Uint8Array;
  readonly _msg?: { readonly hdr?: number };
}

const CARRIAGE_RETURN = 13;
const COLON = 58;
const LINE_BREAK_BYTES = 2;

/**
 * Reads the first value of each wanted header. nats.js decodes and checks all headers, which costs
 * more than receiving them. The values do not keep the bytes of the message in memory.
 */
export function headerValues(message: Msg, wanted: ReadonlySet<string>): ReadonlyMap<string, string> {
  const bytes = headerBytes(message);
  return bytes ? valuesIn(bytes, wanted) : decodedValues(message, wanted);
}

/** Returns undefined if this version of nats.js has other members. */
function headerBytes(message: Msg): Buffer | undefined {
  const { _rdata: data, _msg: { hdr: length = 0 } = {} } = message as unknown as ReceivedMessage;
  return data && length > 0 && length <= data.length ? Buffer.from(data.buffer, data.byteOffset, length) : undefined;
}

function valuesIn(bytes: Buffer, wanted: ReadonlySet<string>): Map<string, string> {
  const values = new Map<string, string>();
  // The first line is the version.
  let end = bytes.indexOf(CARRIAGE_RETURN);
  while (end >= 0) {
    const start = end + LINE_BREAK_BYTES;
    const colon = bytes.indexOf(COLON, start);
    end = bytes.indexOf(CARRIAGE_RETURN, start);
    if (colon < 0 || colon > end) continue;
    const name = bytes.toString('latin1', start, colon);
    if (wanted.has(name) && !values.has(name)) values.set(name, bytes.toString('utf8', colon + 1, end).trim());
  }
  return values;
}

function decodedValues({ headers }: Msg, wanted: ReadonlySet<string>): Map<string, string> {
  return new Map([...wanted].map((name) => [name, headers?.get(name) ?? '']));
}
