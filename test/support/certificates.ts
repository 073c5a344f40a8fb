import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A PEM certificate and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateAuthority {
  readonly ca: string;
  /** Issues a certificate for 127.0.0.1, localhost and clients, or for the given host only. */
  issue(commonName: string, host?: string): Certificate;
}

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * Creates a certificate authority for one test, so that no key is stored. Its X.509 certificates
 * (RFC 5280) have the minimum for a handshake.
 */
export function createAuthority(): CertificateAuthority {
  const name = 'Test authority';
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = extension('2.5.29.19', sequence(tlv(0x01, Buffer.of(0xff))), true);
  return {
    ca: certificate(name, keys.publicKey, name, keys.privateKey, [authority]),
    issue(commonName, host) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = host
        ? sequence(tlv(0x82, Buffer.from(host)))
        : sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.of(127, 0, 0, 1)));
      return {
        cert: certificate(commonName, publicKey, name, keys.privateKey, [extension('2.5.29.17', names)]),
        key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      };
    },
  };
}

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: string,
  issuerKey: KeyObject,
  extensions: readonly Buffer[],
): string {
  const version = tlv(0xa0, tlv(0x02, Buffer.of(2)));
  const serial = tlv(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)]));
  const validity = sequence(time(Date.now() - YEAR_MS), time(Date.now() + YEAR_MS));
  const content = sequence(
    version,
    serial,
    ECDSA_WITH_SHA256,
    distinguishedName(issuer),
    validity,
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.of(0), sign('sha256', content, issuerKey)]));
  const lines =
    sequence(content, ECDSA_WITH_SHA256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(objectId('2.5.4.3'), tlv(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [tlv(0x01, Buffer.of(0xff))] : []), tlv(0x04, value));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.of(first * 40 + second, ...bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

/** Encodes a DER value as tag, length and bytes. */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}
