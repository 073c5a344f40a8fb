import { Module, type DynamicModule } from '@nestjs/common';
import { NotRegisteredError } from '../errors/registration.errors';
import type { StreamDeclaration } from '../stream/stream-config';
import { registrationToken, type Registration } from './registration';

const STREAMS = Symbol('nest-jetstream:streams');
const DECLARED_STREAMS = Symbol('nest-jetstream:declared-streams');

/** Passes the streams of one `forFeature` to the session before anything connects. */
@Module({})
export class StreamFeature {
  static create(streams: readonly StreamDeclaration[], connection: string | undefined): DynamicModule {
    return {
      module: StreamFeature,
      providers: [
        { provide: STREAMS, useValue: streams },
        {
          provide: DECLARED_STREAMS,
          inject: [STREAMS, { token: registrationToken(connection), optional: true }],
          useFactory: (declared: typeof streams, registration?: Registration) => {
            if (!registration) throw new NotRegisteredError(connection);
            declared.forEach((stream) => registration.session.streams.declare(stream));
          },
        },
      ],
    };
  }
}
