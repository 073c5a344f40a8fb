/** A fenced block of code. */
export interface CodeBlock {
  /** The info string of the fence: `ts`, `ts class`, `sh`. */
  readonly info: string;
  /** Number of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** A link to a page, a file or an anchor. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

const FENCE = /^(?<indent> *)```(?<info>.*)$/;

/** Returns the fenced blocks of a page. */
export function blocksOf(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; indent: number; code: string[] } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const fence = FENCE.exec(text)?.groups;
    if (!fence) {
      open?.code.push(text.slice(open.indent));
      continue;
    }
    if (open) {
      blocks.push({ info: open.info, line: open.line, code: open.code.join('\n') });
      open = undefined;
    } else {
      open = { info: fence['info'] ?? '', line: index + 2, indent: fence['indent']?.length ?? 0, code: [] };
    }
  }
  return blocks;
}

/** Returns the lines of a page with code lines emptied, so that line numbers stay the same. */
function proseOf(markdown: string): string[] {
  let inside = false;
  return markdown.split('\n').map((text) => {
    if (FENCE.test(text)) inside = !inside;
    else if (!inside) return text;
    return '';
  });
}

/** Returns the links and images of a page within the repository. */
export function linksOf(markdown: string): Link[] {
  return proseOf(markdown).flatMap((text, index) => {
    const prose = text.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length));
    const found = [...prose.matchAll(/\]\((?<target>[^)\s]+)[^)]*\)|<img[^>]* src="(?<image>[^"]+)"/g)];
    return found
      .map(({ groups }) => ({ line: index + 1, target: groups?.['target'] ?? groups?.['image'] ?? '' }))
      .filter(({ target }) => !/^[a-z]+:/.test(target));
  });
}

/** Returns the anchors of a page: its headings, as GitHub converts them, and each `<a id>`. */
export function anchorsOf(markdown: string): string[] {
  const anchors: string[] = [];
  for (const text of proseOf(markdown)) {
    const [, heading] = /^#{1,6} +(.*?)\s*$/.exec(text) ?? [];
    if (heading !== undefined) anchors.push(numbered(slug(heading), anchors));
    anchors.push(...[...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id));
  }
  return anchors;
}

function slug(heading: string): string {
  const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
}

function numbered(anchor: string, taken: readonly string[]): string {
  if (!taken.includes(anchor)) return anchor;
  let next = 1;
  while (taken.includes(`${anchor}-${next}`)) next += 1;
  return `${anchor}-${next}`;
}
