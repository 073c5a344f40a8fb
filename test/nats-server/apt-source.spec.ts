import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './support/temporary-folder';

interface AptSource {
  readonly text: string;
}

interface AptSources {
  findAptSource(aptDir: string, suite: string): Promise<AptSource | undefined>;
  deb822Source(text: string, suite: string): AptSource | undefined;
  oneLineSource(text: string, suite: string): AptSource | undefined;
}

const SCRIPT = join(__dirname, '../../scripts/nats-server/apt-source.mjs');
let aptSources: AptSources;

beforeAll(async () => {
  aptSources = (await import(SCRIPT)) as AptSources;
});

const SECURITY = ['Types: deb', 'URIs: http://mirror.test/security', 'Suites: old-security', 'Components: main', ''];
const ARCHIVE = [
  '# the company mirror',
  'Types: deb deb-src',
  'URIs: http://mirror.test/debian',
  'Suites: old old-updates',
  'Components: main contrib',
  'Signed-By:',
  ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
  ' .',
  ' abc',
  '',
];

describe('the apt source of the Debian archive', () => {
  it('keeps mirror and keys of a stanza and replaces the suite', () => {
    expect(aptSources.deb822Source([...SECURITY, ...ARCHIVE].join('\n'), 'new')?.text).toBe(
      [
        'types: deb',
        'uris: http://mirror.test/debian',
        'suites: new',
        'components: main',
        'signed-by:',
        ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
        ' .',
        ' abc',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['is disabled', ['Enabled: no', ...ARCHIVE.slice(1)]],
    ['has security updates only', SECURITY],
    ['has no component main', ['Types: deb', 'URIs: http://mirror.test', 'Suites: old', 'Components: stable']],
    ['is empty', []],
  ])('skips a stanza that %s', (_, lines) => {
    expect(aptSources.deb822Source(lines.join('\n'), 'new')).toBeUndefined();
  });

  it.each([
    ['deb http://mirror.test/debian old main contrib', 'deb http://mirror.test/debian new main\n'],
    [
      'deb [signed-by=/k.gpg arch=amd64] http://m.test old main',
      'deb [signed-by=/k.gpg arch=amd64] http://m.test new main\n',
    ],
    [
      '# deb http://m.test a main\ndeb-src http://m.test a main\ndeb http://n.test a main # x',
      'deb http://n.test new main\n',
    ],
  ])('keeps mirror and options of the line %j', (text, line) => {
    expect(aptSources.oneLineSource(text, 'new')?.text).toBe(line);
  });

  it.each(['deb http://m.test/security old-security main', 'deb http://m.test old stable', '', 'deb'])(
    'skips the line %j',
    (text) => {
      expect(aptSources.oneLineSource(text, 'new')).toBeUndefined();
    },
  );

  it("prefers Debian's source to another vendor's", async () => {
    const aptDir = await temporaryFolder();
    const folder = join(aptDir, 'sources.list.d');
    await mkdir(folder);
    await writeFile(join(folder, 'a-vendor.list'), 'deb http://vendor.test old main\n');
    expect(await aptSources.findAptSource(aptDir, 'new')).toMatchObject({ text: 'deb http://vendor.test new main\n' });
    await writeFile(join(aptDir, 'sources.list'), 'deb http://mirror.test old main\n');
    expect(await aptSources.findAptSource(aptDir, 'new')).toMatchObject({ text: 'deb http://mirror.test new main\n' });
  });

  it('is undefined without sources', async () => {
    expect(await aptSources.findAptSource(join(await temporaryFolder(), 'none'), 'new')).toBeUndefined();
  });
});
