import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { platformAsset } from '../../../nats-server/find/platform-asset';
import { writeFakeBinary } from './fake-binary';
import { listen } from './loopback';
import { temporaryFolder } from './temporary-folder';

export type Fault =
  | 'none'
  | 'wrong sum'
  | 'no sum'
  | 'no sums file'
  | 'no archive'
  | 'truncated'
  | 'stuck half way'
  | 'silent'
  | 'not an archive';

export interface FakeRelease {
  readonly base: string;
  /** Requested paths. */
  readonly requests: readonly string[];
}

/**
 * Serves a release of a fake server on loopback until the spec file ends, with the layout of the
 * official releases.
 */
export async function serveRelease(version: string, fault: Fault = 'none'): Promise<FakeRelease> {
  const asset = platformAsset(version);
  const archive = fault === 'not an archive' ? Buffer.from('hello') : await pack(version);
  const sum = createHash('sha256').update(archive).digest('hex');
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (fault === 'silent') return;
    const answers = new Map([
      [`/v${version}/SHA256SUMS`, () => response.end(sums(fault, sum, asset.archive))],
      [`/v${version}/${asset.archive}`, () => sendArchive(fault, archive, response)],
    ]);
    if (fault === 'no sums file') answers.delete(`/v${version}/SHA256SUMS`);
    if (fault === 'no archive') answers.delete(`/v${version}/${asset.archive}`);
    const answer = answers.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else answer();
  });
  return { base: `http://127.0.0.1:${await listen(server)}`, requests };
}

async function pack(version: string): Promise<Buffer> {
  const folder = await temporaryFolder();
  const asset = platformAsset(version);
  await writeFakeBinary(join(folder, asset.folder, asset.binary), version);
  execFileSync('tar', ['-czf', asset.archive, asset.folder], { cwd: folder });
  return readFile(join(folder, asset.archive));
}

function sums(fault: Fault, sum: string, archive: string): string {
  const other = `${'0'.repeat(64)}  another-${archive}\n`;
  if (fault === 'no sum') return other;
  return `${other}${fault === 'wrong sum' ? 'f'.repeat(64) : sum}  ${archive}\n`;
}

function sendArchive(fault: Fault, archive: Buffer, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': archive.length });
  if (fault !== 'truncated' && fault !== 'stuck half way') response.end(archive);
  else response.write(archive.subarray(0, archive.length / 2), () => fault === 'truncated' && response.destroy());
}
