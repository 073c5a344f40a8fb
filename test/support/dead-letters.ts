import type { MsgHdrs } from '@nats-io/transport-node';
import type { JetStreamProbe } from './jetstream-probe';

export interface StoredDeadLetter {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly header: MsgHdrs;
}

/** Returns the dead letters of a stream in order. */
export async function deadLettersOf({ manager }: JetStreamProbe, stream: string): Promise<StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = [];
  const found = await manager.streams.info(`${stream}_DEAD`).catch(() => undefined);
  if (!found?.state.messages) return letters;
  for (let seq = found.state.first_seq; seq <= found.state.last_seq; seq++) {
    const letter = await manager.streams.getMessage(`${stream}_DEAD`, { seq });
    if (letter) letters.push(letter);
  }
  return letters;
}
