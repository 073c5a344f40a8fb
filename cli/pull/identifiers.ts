/** Texts that identify one thing. Code that contains one is about a single message. */
const STRICT: readonly RegExp[] = [
  // Numbers and dates.
  /^\d[\d_-]*$/,
  // UUID and other hexadecimal ids.
  /^(?=.*\d)[0-9a-f]{8}[0-9a-f-]*$/i,
  // ULID.
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i,
  // Email address, also in a URI.
  /[^@\s]@[^@\s]/,
];
/** Keys of objects that identify one thing. Names of fields seldom look like these. */
const IN_KEYS: readonly RegExp[] = [
  // Phone number, IP address, and other digits with separators.
  /^\+?\d[\d\s()./:_-]*$/,
  // URI.
  /:\/\//,
  // IBAN.
  /^[A-Z]{2}\d{2}[A-Z\d]{11,30}$/,
  // JSON Web Token.
  /^eyJ[\w-]*\./,
  // An id with a prefix, such as `user_42` or `cus_NffrFeUfNV2Hib`.
  /^\p{L}{1,16}[-_]\d{2,}$/u,
  /^[a-z]{2,8}_(?=.*\d)(?=.*[A-Z])[A-Za-z\d]{10,}$/,
  // A random id. Words seldom have that many numbers.
  /^(?=.{16})(?:[A-Za-z_-]*\d[A-Za-z_-]+){2}[\w-]*\d/,
];
/** Texts that are ids in a subject, and may be words elsewhere, such as `sha256`. */
const IN_SUBJECT: readonly RegExp[] = [
  // An id with a prefix, such as `ord_42`.
  /^\p{L}{1,16}[-_]?\d{2,}$/u,
  // A random id with a digit.
  /^(?=.*\d)[\p{L}\p{N}_-]{16,}$/u,
];
/** Longer keys are texts. */
const MAX_KEY_LENGTH = 100;
/** Tokens that generated code can contain. */
const TOKEN = /^[\p{L}\p{N}_-]+$/u;

/** Returns true for a key that is an id or personal, such as a UUID or an email address. */
export function isIdentifierKey(key: string): boolean {
  return key.length > MAX_KEY_LENGTH || [...STRICT, ...IN_KEYS].some((pattern) => pattern.test(key));
}

/** Returns true for a token of a subject that is an id, or that code cannot contain. */
export function isIdentifierToken(token: string): boolean {
  return !TOKEN.test(token) || [...STRICT, ...IN_SUBJECT].some((pattern) => pattern.test(token));
}
