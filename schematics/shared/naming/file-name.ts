import { invalidOption } from '../errors';
import { kebabCase } from './words';

/** File systems allow 255 bytes, and a suffix such as `.consumer.spec.ts` follows. */
const MAX_BYTES = 200;

/**
 * Returns the base name of the files for `name`.
 * @throws SchematicError (`INVALID_OPTION`) for a name that some platform does not support
 */
export function fileName(option: string, name: string): string {
  const file = kebabCase(name);
  if (file === '') throw invalidOption(option, name, 'has no letter or digit for a file name.');
  if (Buffer.byteLength(file) > MAX_BYTES)
    throw invalidOption(option, name, `is too long for a file name. At most ${MAX_BYTES} bytes are supported.`);
  if (isReservedName(file)) {
    const command = `npx nest-jetstream generate event ${name} --event-name OtherName`;
    const remedy = option === 'subject' ? `Name the event with ${command}` : 'Choose another name';
    throw invalidOption(option, name, `is a reserved file name on Windows. ${remedy}.`);
  }
  return file;
}

/**
 * Returns true for a device name of Windows, with or without a file extension. A project with such
 * a file cannot be checked out on Windows.
 */
export function isReservedName(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}
