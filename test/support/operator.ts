import { randomUUID } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** Configuration and users of a nats-server in operator mode with one account. */
export interface Operator {
  /** Content of the server's configuration file. */
  readonly configuration: string;
  /** Creates a credentials file as `nsc` writes it. */
  creds(validSeconds?: number): UserCredentials;
}

export interface UserCredentials {
  readonly file: Uint8Array;
  readonly jwt: string;
  readonly seed: string;
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

export function createOperator(): Operator {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const system = nkeys.createAccount();
  const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const limits = { ...UNLIMITED, imports: -1, exports: -1, conn: -1, leaf: -1, wildcards: true };
  const accountJwt = encode(operator, account, { type: 'account', limits: { ...limits, ...jetStream } });
  const systemJwt = encode(operator, system, { type: 'account', limits });
  const operatorJwt = encode(operator, operator, { type: 'operator', system_account: system.getPublicKey() });
  return {
    configuration: [
      `operator: ${operatorJwt}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload {',
      `  ${account.getPublicKey()}: ${accountJwt}`,
      `  ${system.getPublicKey()}: ${systemJwt}`,
      '}',
    ].join('\n'),
    creds(validSeconds) {
      const user = nkeys.createUser();
      const jwt = encode(account, user, { type: 'user', ...UNLIMITED }, validSeconds);
      const seed = new TextDecoder().decode(user.getSeed());
      const file = `${block('NATS USER JWT', jwt)}\n${block('USER NKEY SEED', seed)}`;
      return { file: new TextEncoder().encode(file), jwt, seed };
    },
  };
}

/** Encodes a NATS JWT (version 2), signed with the nkey of the issuer. */
function encode(issuer: KeyPair, subject: KeyPair, nats: object, validSeconds?: number): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    jti: randomUUID(),
    iat,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    ...(validSeconds === undefined ? {} : { exp: iat + validSeconds }),
    nats: { ...nats, version: 2 },
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}

function block(title: string, content: string): string {
  return `-----BEGIN ${title}-----\n${content}\n------END ${title}------\n`;
}
