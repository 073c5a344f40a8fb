import { storingStreams } from '../consumer/provisioning/storing-streams';
import type { JetStreamSession } from '../session/jetstream-session';
import type { DescribedConnection } from './describe-application';
import { readingError } from './reading-error';
import { withSession } from './with-session';

/**
 * Returns the names of the streams that a service declares, or that store messages of its handlers.
 * @throws the errors of `readStatus`
 */
export async function serviceStreams({ session, handlers }: DescribedConnection): Promise<string[]> {
  return withSession(session, async (open) => {
    try {
      const storing: string[][] = [];
      for (const handler of handlers) storing.push([...(await storingStreams(open, session.streams, handler)).names]);
      return streamNames(session, storing);
    } catch (error) {
      throw readingError(error, session, open);
    }
  });
}

/** Returns the names of the declared streams and of those of the handlers. */
export function streamNames({ streams }: JetStreamSession, ofHandlers: readonly (readonly string[])[]): string[] {
  return [...new Set([...streams.all().map(({ config }) => config.name), ...ofHandlers.flat()])];
}
