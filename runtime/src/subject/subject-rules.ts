// Messages about subjects. The checks at run time and those of the compiler both read them here, so
// this file has no code.

/** Messages that follow the quoted subject, such as `'order.*' is a pattern. ...`. */
export const SUBJECT_RULES = {
  reserved: "begins with '$', which is reserved for nats-server. Use another name.",
  whiteSpace: 'contains white space. Remove it.',
  emptyToken: 'has an empty token. Write a name before and after each dot.',
  misplacedRest: "has '>' before the last token. Use '>' only as the last token.",
  pattern: "is a pattern. Use a subject without '*' and '>'.",
  template: 'is a template. Publish to a subject of its for(), and pass the template itself to a handler.',
  request:
    'is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.',
  noCapture: 'captures no token. Use subject() instead of subjectTemplate().',
} as const;

export const EMPTY_SUBJECT = "A subject cannot be empty. Write one, such as 'order.created'.";

/** Messages that follow the quoted token and its subject, such as `':' of 'order.:' has no ...`. */
export const TOKEN_RULES = {
  captured: 'is a captured token. Use subjectTemplate() instead of subject().',
  duplicate: 'is captured twice. Give each captured token its own name.',
  unnamed: "has no valid name. Write a name, such as ':id'.",
} as const;

/**
 * Messages that follow the quoted value of a captured token, such as `Value '' of ':id' is ...`.
 */
export const PARAM_RULES = {
  empty: 'is empty. Give the token a value.',
  wildcard: "is a wildcard. Use a value without '*' and '>'.",
  reserved: "begins with '$', which is reserved for nats-server. Use another value.",
  dot: "contains '.', which separates tokens. Replace it.",
  whiteSpace: 'contains white space. Remove it.',
} as const;
