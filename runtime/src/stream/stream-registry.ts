import { StreamDeclaredTwiceError, StreamOverlapError } from '../errors/stream.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { isSameDeclaration, type DesiredStream, type StreamDeclaration } from './stream-config';

/** Streams that this service declares in `register` and `forFeature`. */
export class StreamRegistry {
  private readonly streams = new Map<string, StreamDeclaration>();
  /** Declared subjects without wildcards, of events and of streams. */
  private readonly literals = new Set<string>();
  /** Patterns of declared events. */
  private readonly patterns = new Set<string>();

  /**
   * Adds a declaration.
   * @throws StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) if the name has another declaration;
   * StreamOverlapError (`STREAM_OVERLAP`) if another declared stream stores one of its subjects
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
    const { events = [] } = stream;
    for (const subject of [...events, ...subjectsOf(stream.config)])
      if (!hasWildcard(subject)) this.literals.add(subject);
    for (const pattern of events) if (hasWildcard(pattern)) this.patterns.add(pattern);
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

  /** Returns the declared stream that stores a subject, or all subjects of a pattern. */
  covering(subject: string): DesiredStream | undefined {
    return this.all()
      .map(({ config }) => config)
      .find((config) => subjectsOf(config).some((pattern) => subjectMatches(subject, pattern)));
  }

  /**
   * Returns the declared subject or pattern of an event. It has few values, unlike subjects with
   * ids. Undefined if the event is not declared.
   */
  eventPatternOf(subject: string): string | undefined {
    if (this.literals.has(subject)) return subject;
    for (const pattern of this.patterns) if (subjectMatches(subject, pattern)) return pattern;
    return undefined;
  }

  /** Returns the names of the declared streams that store some subjects of a pattern. */
  touching(subject: string): string[] {
    return this.all()
      .filter(({ config }) => subjectsOf(config).some((pattern) => patternsOverlap(subject, pattern)))
      .map(({ config }) => config.name);
  }
}

/**
 * Returns the subjects of a stream. The default is its name (server rule), unless it copies another
 * stream.
 */
function subjectsOf({ name, subjects = [], mirror, sources = [] }: DesiredStream): readonly string[] {
  if (subjects.length > 0) return subjects;
  return mirror || sources.length > 0 ? [] : [name];
}

function hasWildcard(subject: string): boolean {
  return /[*>]/.test(subject);
}
