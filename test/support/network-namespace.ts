import { tmpdir } from 'node:os';
import { commandResult } from './command';

// The loopback of a new namespace is down. perl-base is part of every Debian; iproute2 is not.
const UP = `ip link set lo up 2>/dev/null || perl -e 'use Socket; $r = pack("a16sx22", "lo", 0x41); socket(S, PF_INET, SOCK_DGRAM, 0) and ioctl(S, 0x8914, $r) or die "$!\\n"'`;

/** Commands to try, first as root, then as a user who may create user namespaces. */
const WAYS = [
  ['unshare', '--net'],
  ['unshare', '--map-root-user', '--net'],
];

/**
 * Returns a prefix that runs a command in its own network namespace, where every port is free.
 * Returns undefined on systems other than Linux and without the permission.
 */
export async function networkNamespace(): Promise<string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  for (const way of WAYS) {
    const prefix = [...way, 'sh', '-c', `(${UP}) && exec "$@"`, 'sh'];
    const [command = '', ...args] = prefix;
    const { end } = await commandResult(tmpdir(), command, ...args, 'true').catch(() => ({ end: null }));
    if (end === 0) return prefix;
  }
  return undefined;
}
