export { NatsTestServer } from './nats-test-server';
export { RecordingPublisher } from './recording-publisher';
export {
  NotDeadLetteredError,
  NotHandledError,
  TestServerStartError,
  UnexpectedDeadLetterError,
} from './testing.errors';

export type { NatsTestServerOptions, TestPublishOptions } from './nats-test-server';
export type { RecordedEvent, RecordedFailure, RecordedRequest } from './recording-publisher';
export type { MessageReference } from './selection';
export type { TestDeadLetter } from './test-dead-letter';
export type { WaitOptions } from './wait';
