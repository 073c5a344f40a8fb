import type { AnnouncedError } from './announced-errors';
import type { CompileError } from './compile-cases';

/** Returns the differences between the announced and the actual errors of a case. */
export function compareErrors(
  file: string,
  announced: readonly AnnouncedError[],
  errors: readonly CompileError[],
): string[] {
  const unannounced = errors
    .filter((error) => !announced.some((announcement) => isAnnouncementOf(announcement, error)))
    .map(({ line, message }) => `${file}:${line}: not announced: ${message}`);
  const unmet = announced
    .filter((announcement) => !errors.some((error) => isAnnouncementOf(announcement, error)))
    .map(({ line, text }) => `${file}:${line}: announced, but compiles or has another error: ${text}`);
  return [...unannounced, ...unmet];
}

const isAnnouncementOf = ({ line, text }: AnnouncedError, error: CompileError): boolean =>
  line === error.line && oneLine(error.message).includes(text);

const oneLine = (message: string): string => message.replace(/\s+/g, ' ');
