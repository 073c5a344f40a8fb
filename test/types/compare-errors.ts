import type { AnnouncedError } from './announced-errors';
import type { CompileError } from './compile-cases';

/**
 * What is wrong with a case: every error must be announced, and every announcement met. Empty when
 * all is well.
 */
export function compareErrors(
  file: string,
  announced: readonly AnnouncedError[],
  errors: readonly CompileError[],
): string[] {
  const unannounced = errors
    .filter((error) => !announced.some((announcement) => speaksOf(announcement, error)))
    .map(({ line, message }) => `${file}:${line}: not announced: ${message}`);
  const unmet = announced
    .filter((announcement) => !errors.some((error) => speaksOf(announcement, error)))
    .map(({ line, text }) => `${file}:${line}: announced, but compiles or says something else: ${text}`);
  return [...unannounced, ...unmet];
}

const speaksOf = ({ line, text }: AnnouncedError, error: CompileError): boolean =>
  line === error.line && oneLine(error.message).includes(text);

const oneLine = (message: string): string => message.replace(/\s+/g, ' ');
