import { Module, type DynamicModule } from '@nestjs/common';
import { JetStreamSession } from '../session/jetstream-session';
import type { StreamDeclaration } from '../stream/stream-declaration';

const DECLARED_STREAMS = Symbol('nest-jetstream:declared-streams');

/** Hands the streams of one `forFeature` to the session while the application is built, before anything connects. */
@Module({})
export class StreamFeature {
  static declaring(streams: readonly StreamDeclaration[]): DynamicModule {
    return {
      module: StreamFeature,
      providers: [
        {
          provide: DECLARED_STREAMS,
          inject: [JetStreamSession],
          useFactory: (session: JetStreamSession) => streams.forEach((stream) => session.streams.declare(stream)),
        },
      ],
    };
  }
}
