import { holds, parseCondition, type Condition, type Label } from './labels';

/** An error that a case announces with `// error: <part of its message>`. */
export interface AnnouncedError {
  /** Line that must not compile, from 1. */
  readonly line: number;
  /** Text that the message must contain. */
  readonly text: string;
  /** Projects that report the error. Undefined if all do. */
  readonly condition: Condition | undefined;
}

const COMMENT = /^(?<code>.*?)\/\/ error(?:\((?<condition>[^)]*)\))?: (?<text>.+)$/;

/**
 * Returns the announcements of a case. A comment after code announces an error of its own line. A
 * comment on its own line announces one of the next line of code, so several can precede one line.
 * `// error(nest-12 strict): …` applies to projects with both labels, and `// error(ts-6, ts-7): …`
 * to projects with either.
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

/** Returns the announcements that apply to a project with these labels. */
export function errorsAnnouncedFor(labels: readonly Label[], source: string): AnnouncedError[] {
  return announcedErrors(source).filter(({ condition }) => condition === undefined || holds(condition, labels));
}

function nextLineOfCode(lines: readonly string[], from: number): number {
  const offset = lines.slice(from).findIndex((line) => !/^\s*(\/\/.*)?$/.test(line));
  if (offset === -1)
    throw new Error(
      `There is no code below the last "// error:" comment. Put it above the line that does not compile.`,
    );
  return from + offset;
}
