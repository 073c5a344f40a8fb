import { StreamDeclaredTwiceError, StreamOverlapError } from '../errors/stream.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { isSameDeclaration, type DesiredStream, type StreamDeclaration } from './stream-config';

/** The streams that this service declares, of every `register` and `forFeature`. */
export class StreamRegistry {
  private readonly streams = new Map<string, StreamDeclaration>();

  /**
   * @throws StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) if the name is taken by another
   * declaration; StreamOverlapError (`STREAM_OVERLAP`) if another declared stream stores one of its
   * subjects.
   */
  declare(stream: StreamDeclaration): void {
    const { name } = stream.config;
    const known = this.streams.get(name);
    if (known && !isSameDeclaration(known, stream)) throw new StreamDeclaredTwiceError(name);
    for (const subject of subjectsOf(stream.config)) {
      for (const { config } of this.all()) {
        const other = subjectsOf(config).find((pattern) => patternsOverlap(subject, pattern));
        if (other === undefined || config.name === name) continue;
        throw new StreamOverlapError(name, subject, { name: config.name, subject: other, isDeclared: true });
      }
    }
    this.streams.set(name, stream);
  }

  get size(): number {
    return this.streams.size;
  }

  get(name: string): StreamDeclaration | undefined {
    return this.streams.get(name);
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
      .filter(({ config }) => subjectsOf(config).some((pattern) => patternsOverlap(subject, pattern)))
      .map(({ config }) => config.name);
  }
}

/**
 * A stream without subjects stores the subject of its own name (server rule), unless it copies
 * another stream.
 */
function subjectsOf({ name, subjects = [], mirror, sources = [] }: DesiredStream): readonly string[] {
  if (subjects.length > 0) return subjects;
  return mirror || sources.length > 0 ? [] : [name];
}
