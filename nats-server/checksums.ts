const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** A file's SHA-256 sum in a text as sha256sum writes it; undefined when it is not listed. */
export function findChecksum(sums: string, file: string): string | undefined {
  for (const line of sums.split(/\r?\n/)) {
    const [, sum, name] = LINE.exec(line) ?? [];
    if (name === file) return sum;
  }
  return undefined;
}
