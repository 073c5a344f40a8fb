import { observedRedrive } from '../client/observed-publish';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { Redrive, type ObserveRedrive } from './redrive';
import { ConsumerTarget } from './redrive-to-consumer';
import { SubjectTarget } from './redrive-to-subject';

/** Creates the redrive of the dead letters of a stream, to their consumers or to all consumers. */
export function createRedrive(
  { timeoutMs, telemetry, streams }: JetStreamSession,
  open: OpenSession,
  stream: string,
  to: 'consumer' | 'subject',
): Redrive {
  const observe: ObserveRedrive | undefined =
    telemetry && ((...redriven) => observedRedrive(telemetry, streams, ...redriven));
  const target =
    to === 'subject'
      ? new SubjectTarget(open, timeoutMs, observe)
      : new ConsumerTarget(open, timeoutMs, stream, observe);
  return new Redrive(open, stream, target);
}
