import { isDeepStrictEqual } from 'node:util';
import { StreamDeclaredTwiceError } from '../errors/stream.errors';
import { subjectMatches } from '../subject/subject-match';
import type { DesiredStream } from './stream-config';

/** The streams that this service declares, of every `register` and `forFeature`. */
export class StreamRegistry {
  private readonly streams = new Map<string, DesiredStream>();

  /** @throws StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) when the name is taken by another declaration. */
  declare(stream: DesiredStream): void {
    const known = this.streams.get(stream.name);
    if (known && !isDeepStrictEqual(known, stream)) throw new StreamDeclaredTwiceError(stream.name);
    this.streams.set(stream.name, stream);
  }

  all(): DesiredStream[] {
    return [...this.streams.values()];
  }

  /** The declared stream that stores a subject, or everything that a pattern matches. */
  covering(subject: string): DesiredStream | undefined {
    return this.all().find((stream) => subjectsOf(stream).some((pattern) => subjectMatches(subject, pattern)));
  }
}

/** A stream without subjects stores the subject of its own name (server rule), unless it copies another stream. */
function subjectsOf({ name, subjects, mirror, sources }: DesiredStream): readonly string[] {
  return subjects ?? (mirror || sources ? [] : [name]);
}
