import { existsSync } from 'node:fs';
import { HIDDEN } from '../errors/configuration.errors';
import type { NatsConnectionOptions } from './connection-options';
import type { ConnectionProblems } from './connection-problems';

const PAIRS = [
  ['cert', 'certFile'],
  ['key', 'keyFile'],
  ['ca', 'caFile'],
] as const;

/**
 * Adds TLS options that nats.js would ignore, such as a text beside a file, and missing files,
 * which it would look for without end.
 */
export function checkTls(tls: NatsConnectionOptions['tls'], problems: ConnectionProblems): void {
  if (tls === undefined || tls === null) return;
  if (typeof tls !== 'object')
    return problems.refuse(true, 'tls', tls, 'pass an object. {} requires TLS, and null disables it');
  for (const [text, file] of PAIRS) {
    const { [text]: content, [file]: path } = tls;
    const areBoth = content !== undefined && path !== undefined;
    problems.conflict(areBoth, `tls.${text}`, `tls.${file}`, 'both contain the same PEM data');
    problems.refuse(path !== undefined && !existsSync(path), `tls.${file}`, path, 'the file does not exist');
  }
  const hasCertificate = (tls.cert ?? tls.certFile) !== undefined;
  const hasKey = (tls.key ?? tls.keyFile) !== undefined;
  problems.refuse(hasCertificate && !hasKey, 'tls.cert', HIDDEN, "it requires 'key' or 'keyFile'. Set one of them");
  problems.refuse(hasKey && !hasCertificate, 'tls.key', HIDDEN, "it requires 'cert' or 'certFile'. Set one of them");
}
