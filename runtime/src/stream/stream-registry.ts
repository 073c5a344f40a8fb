import { isDeepStrictEqual } from 'node:util';
import { StreamDeclaredTwiceError, StreamOverlapError } from '../errors/stream.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import type { DesiredStream } from './stream-config';
import type { StreamDeclaration } from './stream-declaration';

/** The streams that this service declares, of every `register` and `forFeature`. */
export class StreamRegistry {
  private readonly streams = new Map<string, StreamDeclaration>();

  /**
   * @throws StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) when the name is taken by another declaration; StreamOverlapError
   * (`STREAM_OVERLAP`) when another declared stream stores one of its subjects.
   */
  declare(stream: StreamDeclaration): void {
    const { name } = stream.config;
    const known = this.streams.get(name);
    if (known && !isDeepStrictEqual(known, stream)) throw new StreamDeclaredTwiceError(name);
    for (const subject of subjectsOf(stream.config)) {
      const other = this.all().find(({ config }) => config.name !== name && touches(config, subject));
      if (other) throw new StreamOverlapError(name, subject, other.config.name);
    }
    this.streams.set(name, stream);
  }

  get size(): number {
    return this.streams.size;
  }

  all(): StreamDeclaration[] {
    return [...this.streams.values()];
  }

  /** The declared stream that stores a subject, or everything that a pattern matches. */
  covering(subject: string): DesiredStream | undefined {
    return this.all()
      .map(({ config }) => config)
      .find((config) => subjectsOf(config).some((pattern) => subjectMatches(subject, pattern)));
  }

  /** Names of the declared streams that store a part of a subject pattern. */
  touching(subject: string): string[] {
    return this.all()
      .filter(({ config }) => touches(config, subject))
      .map(({ config }) => config.name);
  }
}

function touches(stream: DesiredStream, subject: string): boolean {
  return subjectsOf(stream).some((pattern) => patternsOverlap(subject, pattern));
}

/** A stream without subjects stores the subject of its own name (server rule), unless it copies another stream. */
function subjectsOf({ name, subjects, mirror, sources }: DesiredStream): readonly string[] {
  return subjects ?? (mirror || sources ? [] : [name]);
}
