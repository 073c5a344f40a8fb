import { invalidOption } from '../errors';
import { kebabCase } from './words';

/** File systems allow 255 bytes; suffixes such as `.consumer.spec.ts` come behind. */
const MAX_BYTES = 200;

/**
 * What files of `name` are called. @throws SchematicError (`INVALID_OPTION`) for a name that no
 * file can have everywhere.
 */
export function fileName(option: string, name: string): string {
  const file = kebabCase(name);
  if (file === '') throw invalidOption(option, name, 'has no letter or digit to name a file after.');
  if (Buffer.byteLength(file) > MAX_BYTES)
    throw invalidOption(option, name, `is longer than ${MAX_BYTES} bytes, so no file can be called so.`);
  if (isReservedName(file)) {
    const remedy = option === 'subject' ? 'name the event, with --event-name' : 'choose another name';
    throw invalidOption(option, name, `would name a file that Windows keeps for a device: ${remedy}.`);
  }
  return file;
}

/**
 * Whether Windows keeps a name for a device, with any ending: a project with such a file cannot be
 * checked out there.
 */
export function isReservedName(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}
