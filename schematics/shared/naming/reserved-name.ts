/**
 * Whether Windows keeps a name for a device, with any ending: a project with such a file cannot be
 * checked out there.
 */
export function isReservedName(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}
