import { InvalidSubjectError } from '../errors/configuration.errors';

// The server checks none of this on publish: a subject with a wildcard in it is stored and can then not be addressed.
// oxlint's no-control-regex does not apply: control characters are what is looked for.
const ILLEGAL_CHARACTER = /[\s\p{Cc}]/u;

/**
 * Checks a subject that messages are published to: one or more tokens, no wildcard.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertPublishSubject(subject: string): void {
  assertSubjectPattern(subject);
  const wildcard = subject.split('.').find((token) => token === '*' || token === '>');
  if (wildcard) throw new InvalidSubjectError(subject, `'${wildcard}' is a wildcard; name one subject`);
}

/**
 * Checks a subject that may hold the wildcards `*` (one token) and `>` (one or more tokens, at the end).
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertSubjectPattern(subject: string): void {
  if (typeof subject !== 'string' || subject === '')
    throw new InvalidSubjectError(subject, "write one, such as 'order.created'");
  if (ILLEGAL_CHARACTER.test(subject))
    throw new InvalidSubjectError(subject, 'white space and control characters cannot be sent');
  if (subject.startsWith('$'))
    throw new InvalidSubjectError(subject, "subjects that begin with '$' belong to the server");
  const tokens = subject.split('.');
  if (tokens.includes('')) throw new InvalidSubjectError(subject, 'no token may be empty');
  if (tokens.slice(0, -1).includes('>')) throw new InvalidSubjectError(subject, "'>' may stand at the end only");
}
