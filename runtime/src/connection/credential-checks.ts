import type { NatsConnectionOptions } from './connection-options';
import { NOT_SHOWN, type RefuseOption } from './refuse-option';

/** Finds what nats.js would ignore or merge without a word. Never shows a password or a token. */
export function checkCredentials(
  { user, pass, token, authenticator, debug }: NatsConnectionOptions,
  refuse: RefuseOption,
): void {
  refuse(user !== undefined && !isText(user), 'user', NOT_SHOWN, 'give a text that is not empty, or leave it out');
  refuse(pass !== undefined && typeof pass !== 'string', 'pass', NOT_SHOWN, 'give a text');
  refuse(token !== undefined && !isText(token), 'token', NOT_SHOWN, 'give a text that is not empty, or leave it out');
  refuse(user !== undefined && pass === undefined, 'user', user, "give 'pass' as well");
  refuse(pass !== undefined && user === undefined, 'pass', NOT_SHOWN, "give 'user' as well");
  refuse(
    token !== undefined && user !== undefined,
    'token',
    NOT_SHOWN,
    "leave out either 'token', or 'user' and 'pass'",
  );
  const functions = [authenticator ?? []].flat().every((one) => typeof one === 'function');
  const remedy = 'give what nkeyAuthenticator, credsAuthenticator and such return, or a list of these';
  refuse(!functions, 'authenticator', NOT_SHOWN, remedy);
  const given = [user, token, authenticator].some((value) => value !== undefined);
  refuse(debug === true && given, 'debug', debug, 'nats.js would print the credentials: debug on a server without any');
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
