import type { Logger } from '@nestjs/common';
import type { StreamRegistry } from '../stream/stream-registry';

/** Where `send` goes: to a stream that this application declares, or to a service as a request. The server is not asked. */
export class SendRoutes {
  /** Streams, and `undefined` for requests: each is told of once, however many subjects are sent to. */
  private readonly told = new Set<string | undefined>();

  constructor(
    private readonly streams: StreamRegistry,
    private readonly logger: Logger,
  ) {}

  isStored(subject: string): boolean {
    const stream = this.streams.covering(subject)?.name;
    if (!this.told.has(stream)) {
      this.told.add(stream);
      this.logger.debug(
        stream === undefined
          ? `send('${subject}') is a request: no stream declared here stores it. Told of the first such subject only.`
          : `send('${subject}') publishes: stream '${stream}' declared here stores it. Told of the first such subject only.`,
      );
    }
    return stream !== undefined;
  }
}
