export { NatsTestServer } from './nats-test-server';
export {
  NotDeadLetteredError,
  NotHandledError,
  TestServerStartError,
  UnexpectedDeadLetterError,
} from './testing.errors';

export type { NatsTestServerOptions, TestPublishOptions } from './nats-test-server';
export type { MessageReference } from './selection';
export type { TestDeadLetter } from './test-dead-letter';
export type { WaitOptions } from './wait';
