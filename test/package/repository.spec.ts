import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, readPage, ROOT } from '../docs/support/pages';

interface Links {
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly author: string;
}

function manifestOf(folder: string): Links {
  const manifest: Links = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  return manifest;
}

/** The one place that names the repository: the root package.json. */
const { repository } = manifestOf('.');
const [url = '', owner = '', name = ''] =
  /https:\/\/github\.com\/([\w-]+)\/([\w-]+)(?=\.git$)/.exec(repository.url) ?? [];

describe('the repository of the root package.json', () => {
  it.each([
    ['nest-jetstream', '.', {}],
    ['@nest-jetstream/transport', 'runtime', { directory: 'runtime' }],
  ])('is that of %s', (_package, folder, directory) => {
    expect(manifestOf(folder)).toMatchObject({
      homepage: `${url}#readme`,
      bugs: { url: `${url}/issues` },
      repository: { type: 'git', url: `git+${url}.git`, ...directory },
      author: `nest-jetstream contributors (https://github.com/${owner})`,
    });
  });

  const workflows = ['.github/ISSUE_TEMPLATE/config.yml'];
  it.each([...pages(), ...workflows])('is the one that %s links to', (page) => {
    const links = readPage(page).match(new RegExp(`github\\.com/[\\w-]+/${name}\\b`, 'g')) ?? [];

    expect(links.filter((link) => link !== `github.com/${owner}/${name}`)).toEqual([]);
  });

  it('is linked by the badges of the README', () => {
    expect(readPage('README.md')).toContain(`${url}/actions/workflows/ci.yml/badge.svg`);
  });
});
