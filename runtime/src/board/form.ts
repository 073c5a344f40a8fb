import { PayloadTooLargeException } from '@nestjs/common';

const MAX_BYTES = 262_144;

/** A request with the parsed body of Express or Fastify, or a stream without one. */
interface FormRequest {
  readonly body?: unknown;
  readonly method?: string;
}

/**
 * Returns the fields of a form. Applications without a body parser leave the bytes in the stream.
 * @throws PayloadTooLargeException
 */
export async function formOf(request: FormRequest): Promise<URLSearchParams> {
  const { body } = request;
  if (typeof body === 'object' && body !== null) return fieldsOf(body);
  if (request.method !== 'POST' || !(Symbol.asyncIterator in request)) return new URLSearchParams();
  return readForm(request as AsyncIterable<Uint8Array>);
}

/**
 * Reads a form. A longer one is refused and not cut: the beginning of a sequence is another one.
 * Reads it to its end, because browsers show no response before they have sent it.
 */
async function readForm(bytes: AsyncIterable<Uint8Array>): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BYTES) throw new PayloadTooLargeException('The form is too long.');
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function fieldsOf(body: object): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const each of [value].flat() as unknown[]) if (typeof each === 'string') fields.append(name, each);
  return fields;
}
