import { existsSync } from 'node:fs';
import type { NatsConnectionOptions } from './connection-options';
import { NOT_SHOWN, type RefuseOption } from './refuse-option';

const PAIRS = [
  ['cert', 'certFile'],
  ['key', 'keyFile'],
  ['ca', 'caFile'],
] as const;

/**
 * Finds what nats.js would ignore, or try for ever: of a text and a file it takes the file, and a
 * missing one it looks for again.
 */
export function checkTls(tls: NatsConnectionOptions['tls'], refuse: RefuseOption): void {
  if (tls === undefined || tls === null) return;
  if (typeof tls !== 'object') return refuse(true, 'tls', tls, 'give an object; {} requires TLS, null avoids it');
  for (const [text, file] of PAIRS) {
    const { [text]: content, [file]: path } = tls;
    const both = content !== undefined && path !== undefined;
    refuse(both, `tls.${file}`, path, `leave out either '${text}' or '${file}'`);
    refuse(path !== undefined && !existsSync(path), `tls.${file}`, path, 'there is no such file');
  }
  const hasCertificate = (tls.cert ?? tls.certFile) !== undefined;
  const hasKey = (tls.key ?? tls.keyFile) !== undefined;
  refuse(hasCertificate && !hasKey, 'tls.cert', NOT_SHOWN, "give its 'key' or 'keyFile' as well");
  refuse(hasKey && !hasCertificate, 'tls.key', NOT_SHOWN, "give its 'cert' or 'certFile' as well");
}
