import { InvalidSubjectError } from '../errors/configuration.errors';

// The server checks none of this on publish: a subject with a wildcard in it is stored and can then
// not be addressed.
// oxlint's no-control-regex does not apply: control characters are what is looked for.
const ILLEGAL_CHARACTER = /[\s\p{Cc}]/u;
const LONE_SURROGATE = /\p{Cs}/u;
/**
 * The server ends the connection over a line of more than 4096 bytes (`max_control_line`), with all
 * that others have underway on it; a line has the subject, where to reply to, and two sizes.
 */
const MOST_BYTES = 3_000;
const MOST_BYTES_OF_A_CHARACTER = 3;

/** Subjects that were found to be right: most services publish to few, and again and again. */
const found = new Set<string>();
const MOST_KNOWN = 1_000;

/**
 * Checks a subject that messages are published to: one or more tokens, no wildcard.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertPublishSubject(subject: string): void {
  if (found.has(subject)) return;
  assertSubjectPattern(subject);
  const wildcard = subject.split('.').find((token) => token === '*' || token === '>');
  if (wildcard) throw new InvalidSubjectError(subject, `'${wildcard}' is a wildcard; name one subject`);
  if (subject.startsWith('_INBOX.'))
    throw new InvalidSubjectError(subject, 'subjects under an inbox belong to the client that waits for a reply there');
  if (found.size === MOST_KNOWN) found.clear();
  found.add(subject);
}

/**
 * Checks a subject that may hold the wildcards `*` (one token) and `>` (one or more tokens, at the
 * end).
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function assertSubjectPattern(subject: string): void {
  if (typeof subject !== 'string' || subject === '')
    throw new InvalidSubjectError(subject, "write one, such as 'order.created'");
  if (ILLEGAL_CHARACTER.test(subject))
    throw new InvalidSubjectError(subject, 'white space and control characters cannot be sent');
  if (LONE_SURROGATE.test(subject))
    throw new InvalidSubjectError(subject, 'half a surrogate pair would be sent as another character');
  if (isTooLong(subject))
    throw new InvalidSubjectError(
      subject,
      `it may have ${MOST_BYTES} bytes; nats-server ends connections over longer ones`,
    );
  if (subject.startsWith('$'))
    throw new InvalidSubjectError(subject, "subjects that begin with '$' belong to the server");
  const tokens = subject.split('.');
  if (tokens.includes('')) throw new InvalidSubjectError(subject, 'no token may be empty');
  if (tokens.slice(0, -1).includes('>')) throw new InvalidSubjectError(subject, "'>' may stand at the end only");
}

function isTooLong(subject: string): boolean {
  return subject.length > MOST_BYTES / MOST_BYTES_OF_A_CHARACTER && Buffer.byteLength(subject) > MOST_BYTES;
}
