import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalidOption } from '../../schematics/shared/errors';

const FIELDS = [
  'url',
  'creds',
  'user',
  'password',
  'token',
  'nkey',
  'cert',
  'key',
  'ca',
  'jetstream_domain',
  'jetstream_api_prefix',
  'inbox_prefix',
] as const;
/** Fields that select another way to connect. Ignoring one would use the wrong connection. */
const UNSUPPORTED = ['nsc', 'socks_proxy', 'user_jwt', 'user_seed', 'windows_cert_store'];

/** A context of the `nats` command line. */
export type NatsContext = Partial<Readonly<Record<(typeof FIELDS)[number], string>>> & { readonly tls_first?: boolean };

/**
 * Reads a context of the `nats` command line by its name.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function readNatsContext(name: string): NatsContext {
  const folder = join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'nats', 'context');
  const names = contextNames(folder);
  if (!names.includes(name)) {
    const known = names.length === 0 ? 'It has none' : `It has ${names.join(', ')}`;
    throw invalidOption('context', name, `is not a context in ${folder}. ${known}.`);
  }
  const file = join(folder, `${name}.json`);
  const content = parse(file, name);
  const unsupported = UNSUPPORTED.find((field) => hasText(content, field));
  if (unsupported !== undefined)
    throw invalidOption('context', name, `uses '${unsupported}', which is not supported. Use --server and --creds.`);
  const fields = FIELDS.flatMap((field) => (hasText(content, field) ? [[field, content[field]]] : []));
  return { ...Object.fromEntries(fields), ...(content['tls_first'] === true ? { tls_first: true } : {}) };
}

/** Returns a path of a context, in which `~` is the folder of the user. */
export function expandHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}

function contextNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted();
  } catch {
    return [];
  }
}

function parse(file: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
  } catch {
    // The error of the parser would show a part of the file, which may be a password.
  }
  throw invalidOption('context', name, `is not readable. Check that ${file} is JSON.`);
}

function hasText(content: Readonly<Record<string, unknown>>, field: string): boolean {
  return typeof content[field] === 'string' && content[field] !== '';
}
