import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './support/temporary-folder';

interface AptSource {
  readonly text: string;
}

const SCRIPT = join(__dirname, '../../scripts/nats-server/apt-source.mjs');
let findAptSource: (aptDir: string, suite: string) => Promise<AptSource | undefined>;

beforeAll(async () => {
  ({ findAptSource } = (await import(SCRIPT)) as { findAptSource: typeof findAptSource });
});

/** Returns the rewritten source of a machine whose only source is this file. */
async function rewritten(fileName: 'any.sources' | 'any.list', text: string): Promise<string | undefined> {
  const aptDir = await temporaryFolder();
  await mkdir(join(aptDir, 'sources.list.d'));
  await writeFile(join(aptDir, 'sources.list.d', fileName), text);
  return (await findAptSource(aptDir, 'new'))?.text;
}

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
  it('keeps mirror and keys of a stanza and replaces the suite', async () => {
    expect(await rewritten('any.sources', [...SECURITY, ...ARCHIVE].join('\n'))).toBe(
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
  ])('skips a stanza that %s', async (_, lines) => {
    expect(await rewritten('any.sources', lines.join('\n'))).toBeUndefined();
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
  ])('keeps mirror and options of the line %j', async (text, line) => {
    expect(await rewritten('any.list', text)).toBe(line);
  });

  it.each(['deb http://m.test/security old-security main', 'deb http://m.test old stable', '', 'deb'])(
    'skips the line %j',
    async (text) => {
      expect(await rewritten('any.list', text)).toBeUndefined();
    },
  );

  it("prefers Debian's source to another vendor's", async () => {
    const aptDir = await temporaryFolder();
    const folder = join(aptDir, 'sources.list.d');
    await mkdir(folder);
    await writeFile(join(folder, 'a-vendor.list'), 'deb http://vendor.test old main\n');
    expect(await findAptSource(aptDir, 'new')).toMatchObject({ text: 'deb http://vendor.test new main\n' });
    await writeFile(join(aptDir, 'sources.list'), 'deb http://mirror.test old main\n');
    expect(await findAptSource(aptDir, 'new')).toMatchObject({ text: 'deb http://mirror.test new main\n' });
  });

  it('is undefined without sources', async () => {
    expect(await findAptSource(join(await temporaryFolder(), 'none'), 'new')).toBeUndefined();
  });
});
