import type { LoggerService } from '@nestjs/common';

/** What an application logs, one entry a line, to look for in. */
export function logLines(): { readonly logger: LoggerService; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: unknown): void => void lines.push(String(message));
  return { lines, logger: { log: keep, warn: keep, error: keep, debug: keep, verbose: keep } };
}
