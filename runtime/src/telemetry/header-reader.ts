import type { MsgHdrs } from '@nats-io/transport-node';

/** Returns a function that reads a header without regard to case. */
export function headerReader(headers: MsgHdrs | undefined): (name: string) => string | undefined {
  return (name) => {
    if (!headers) return undefined;
    // Fast path: our own headers are in lower case.
    const value = headers.get(name);
    if (value !== '') return value;
    const wanted = name.toLowerCase();
    const known = headers.keys().find((key) => key.toLowerCase() === wanted);
    return known === undefined ? undefined : headers.get(known);
  };
}
