import { invalidOption } from '../../schematics/shared/errors';

const OPTION = 'subject';

/**
 * Returns a subject or pattern to subscribe to.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function subscribedSubject(subject: string): string {
  const tokens = subject.split('.');
  if (/[\s\p{Cc}]/u.test(subject)) throw invalidOption(OPTION, subject, 'contains white space. Remove it.');
  if (tokens.includes(''))
    throw invalidOption(OPTION, subject, 'has an empty token. Write a name before and after each dot.');
  if (tokens.slice(0, -1).includes('>'))
    throw invalidOption(OPTION, subject, "has '>' before the last token. Use '>' only as the last token.");
  if (tokens.some((token) => token.startsWith(':')))
    throw invalidOption(OPTION, subject, "captures tokens. Write '*' for them, or a value.");
  return subject;
}

/**
 * Returns a subject to publish to.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function publishedSubject(subject: string): string {
  const tokens = subscribedSubject(subject).split('.');
  if (tokens.includes('*') || tokens.includes('>'))
    throw invalidOption(OPTION, subject, "is a pattern. Use a subject without '*' and '>'.");
  if (subject.startsWith('$') || subject.startsWith('_INBOX.'))
    throw invalidOption(OPTION, subject, 'is reserved for nats-server. Use another subject.');
  return subject;
}
