/** File names of a nats-server release for one platform. */
export interface PlatformAsset {
  /** Also the folder inside the archive. */
  readonly folder: string;
  readonly archive: string;
  readonly binary: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm7',
  ia32: '386',
  s390x: 's390x',
  ppc64: 'ppc64le',
};

export function platformAsset(
  version: string,
  platform: string = process.platform,
  arch: string = process.arch,
): PlatformAsset {
  const windows = platform === 'win32';
  const folder = `nats-server-v${version}-${windows ? 'windows' : platform}-${ARCHITECTURES[arch] ?? arch}`;
  return {
    folder,
    archive: `${folder}.${windows ? 'zip' : 'tar.gz'}`,
    binary: windows ? 'nats-server.exe' : 'nats-server',
  };
}
