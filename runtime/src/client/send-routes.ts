import type { Logger } from '@nestjs/common';
import type { StreamRegistry } from '../stream/stream-registry';

/** Decides whether `send` publishes or requests, and logs the first use of each way at debug. */
export class SendRoutes {
  /** Streams that `send` publishes to, and `undefined` for requests, once each is logged. */
  private readonly logged = new Set<string | undefined>();

  constructor(
    private readonly streams: StreamRegistry,
    private readonly logger: Logger,
  ) {}

  /** True when `send` publishes, because a declared stream stores the subject. */
  isStored(subject: string): boolean {
    const stream = this.streams.covering(subject)?.name;
    if (this.logged.has(stream)) return stream !== undefined;
    this.logged.add(stream);
    const once = 'Logged for the first such subject only.';
    this.logger.debug(
      stream === undefined
        ? `send('${subject}') is a request, because no stream declared here stores the subject. ${once}`
        : `send('${subject}') publishes: stream '${stream}' declared here stores it. ${once}`,
    );
    return stream !== undefined;
  }
}
