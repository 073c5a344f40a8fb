import { holds, parseCondition, type Condition, type Label } from './labels';

/** An error that a case says it must get: `// error: <part of its message>`. */
export interface AnnouncedError {
  /** The line that must not compile, from 1. */
  readonly line: number;
  /** What the message must contain. */
  readonly text: string;
  /** The only projects that give it; undefined when all do. */
  readonly condition: Condition | undefined;
}

const COMMENT = /^(?<code>.*?)\/\/ error(?:\((?<condition>[^)]*)\))?: (?<text>.+)$/;

/**
 * Reads the announcements of a case. After code, a comment speaks of its own line; alone, of the
 * next line of code, so that several can stand above one line. `// error(nest-12 strict): …` holds
 * in a project with these labels only, and `// error(ts-6, ts-7): …` in one with either.
 */
export function announcedErrors(source: string): AnnouncedError[] {
  const lines = source.split('\n');
  return lines.flatMap((content, index) => {
    const { code, condition, text } = COMMENT.exec(content)?.groups ?? {};
    if (code === undefined || text === undefined) return [];
    const at = code.trim() === '' ? nextLineOfCode(lines, index + 1) : index;
    return [
      { line: at + 1, text: text.trim(), condition: condition === undefined ? undefined : parseCondition(condition) },
    ];
  });
}

/** Those that hold in a project with these labels. */
export function errorsAnnouncedFor(labels: readonly Label[], source: string): AnnouncedError[] {
  return announcedErrors(source).filter(({ condition }) => condition === undefined || holds(condition, labels));
}

function nextLineOfCode(lines: readonly string[], from: number): number {
  const offset = lines.slice(from).findIndex((line) => !/^\s*(\/\/.*)?$/.test(line));
  if (offset === -1)
    throw new Error(`The last "// error:" comment is above no code. Put it above the line it speaks of.`);
  return from + offset;
}
