const MAX_BYTES = 65_536;

/** Body of a message, as text. */
export interface MessageBody {
  readonly format: 'json' | 'text' | 'hex' | 'empty';
  /** At most 64 KB of the body. */
  readonly text: string;
  /** Size of the whole body. */
  readonly bytes: number;
  readonly isTruncated: boolean;
}

/** Returns the beginning of a body, as JSON or text if it is, and else in hexadecimal digits. */
export function bodyOf(data: Uint8Array): MessageBody {
  const { length: bytes } = data;
  if (bytes === 0) return { format: 'empty', text: '', bytes, isTruncated: false };
  const isTruncated = bytes > MAX_BYTES;
  const shown = data.subarray(0, MAX_BYTES);
  try {
    // `stream` ignores a character that the limit cut.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(shown, { stream: isTruncated });
    return { format: isJson(text, isTruncated) ? 'json' : 'text', text, bytes, isTruncated };
  } catch {
    return { format: 'hex', text: Buffer.from(shown).toString('hex'), bytes, isTruncated };
  }
}

function isJson(text: string, isTruncated: boolean): boolean {
  if (isTruncated) return /^\s*[[{]/.test(text);
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
