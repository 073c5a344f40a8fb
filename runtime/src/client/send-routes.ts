import type { Logger } from '@nestjs/common';
import type { StreamRegistry } from '../stream/stream-registry';

/** Decides between publishing and requesting in `send`, and logs the first use of both. */
export class SendRoutes {
  /** Streams whose use was logged. `undefined` stands for requests. */
  private readonly logged = new Set<string | undefined>();

  constructor(
    private readonly streams: StreamRegistry,
    private readonly logger: Logger,
  ) {}

  /** Returns true if a declared stream stores the subject, so that `send` publishes an event. */
  isStored(subject: string): boolean {
    const stream = this.streams.covering(subject)?.name;
    if (this.logged.has(stream)) return stream !== undefined;
    this.logged.add(stream);
    const once = 'This is logged for the first subject only.';
    this.logger.debug(
      stream === undefined
        ? `send('${subject}') sends a request, because no stream of this application stores the subject. ${once}`
        : `send('${subject}') publishes an event, because stream '${stream}' stores the subject. ${once}`,
    );
    return stream !== undefined;
  }
}
