import type { LoggerService } from '@nestjs/common';

/** Returns a logger that collects the log of an application, one entry per line. */
export function logLines(): { readonly logger: LoggerService; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: unknown): void => void lines.push(String(message));
  return { lines, logger: { log: keep, warn: keep, error: keep, debug: keep, verbose: keep } };
}
