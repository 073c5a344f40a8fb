/** Texts that identify one thing. Code that contains one is about a single message. */
const STRICT: readonly RegExp[] = [
  // Numbers and dates.
  /^\d[\d_-]*$/,
  // UUID and other hexadecimal ids.
  /^(?=.*\d)[0-9a-f]{8}[0-9a-f-]*$/i,
  // ULID.
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i,
  // Email address.
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
];
/** Texts that are ids in a subject, and may be words elsewhere, such as `sha256`. */
const IN_SUBJECT: readonly RegExp[] = [
  // An id with a prefix, such as `ord_42`.
  /^\p{L}{1,16}[-_]?\d{2,}$/u,
  // A random id with a digit.
  /^(?=.*\d)[\p{L}\p{N}_-]{16,}$/u,
];
/** Tokens that generated code can contain. */
const TOKEN = /^[\p{L}\p{N}_-]+$/u;

/** Returns true for a key that is an id, such as a UUID. */
export function isIdentifierKey(key: string): boolean {
  return STRICT.some((pattern) => pattern.test(key));
}

/** Returns true for a token of a subject that is an id, or that code cannot contain. */
export function isIdentifierToken(token: string): boolean {
  return !TOKEN.test(token) || [...STRICT, ...IN_SUBJECT].some((pattern) => pattern.test(token));
}
