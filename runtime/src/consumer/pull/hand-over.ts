import type { OpenSession } from '../../session/jetstream-session';
import { PIN_GROUP } from './pinning';

const ANSWER_TIMEOUT_MS = 2_000;
const PROGRESS = '+WPI';

/**
 * Lets another instance have the messages now.
 * @param lastReply of the last message that came: the server takes acknowledgements one after the other, so its answer to one
 * more says that all before it are known, and what was handed back goes before anything new.
 * @throws TimeoutError, RequestError (nats.js); the server then waits for the pin's timeout
 */
export async function handOver(
  { connection, manager }: OpenSession,
  stream: string,
  durable: string,
  lastReply: string | undefined,
): Promise<void> {
  if (lastReply !== undefined) await connection.request(lastReply, PROGRESS, { timeout: ANSWER_TIMEOUT_MS });
  await manager.consumers.unpin(stream, durable, PIN_GROUP);
}
