import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { TextDecoder } from 'node:util';
import { SchematicError } from '../../schematics/shared/errors';
import type { Tree } from '../../schematics/shared/source/tree';

type Content = Buffer | string;

/** A planned change of one file. `base` is its content on the disk during planning. */
export interface FileChange {
  readonly path: string;
  readonly base: Buffer | undefined;
  /** Undefined for a deletion. */
  readonly content: Buffer | undefined;
}

/** The files of a folder with planned changes. Nothing is written to the disk. */
export class DiskTree implements Tree {
  private readonly planned = new Map<string, FileChange>();

  constructor(private readonly root: string) {}

  get changes(): FileChange[] {
    return [...this.planned.values()].filter(({ base, content }) => !same(base, content));
  }

  get actions(): Tree['actions'] {
    return this.changes.map(({ path, base, content }) => ({
      kind: content === undefined ? 'd' : base === undefined ? 'c' : 'o',
      path: `/${path}` as Tree['actions'][number]['path'],
    }));
  }

  exists(path: string): boolean {
    return this.read(path) !== null;
  }

  read(path: string): Buffer | null {
    const key = keyOf(path);
    const change = this.planned.get(key);
    return (change ? change.content : this.onDisk(key)) ?? null;
  }

  /** Returns the text without its byte order mark, as devkit's tree does. */
  readText(path: string): string {
    const content = this.read(path);
    if (content === null) throw new Error(`${keyOf(path)} does not exist.`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content);
    } catch (cause) {
      throw new Error(`${keyOf(path)} is not encoded as UTF-8. Save it as UTF-8.`, { cause });
    }
  }

  create(path: string, content: Content): void {
    if (this.exists(path)) throw new Error(`${keyOf(path)} already exists.`);
    this.plan(path, content);
  }

  overwrite(path: string, content: Content): void {
    if (!this.exists(path)) throw new Error(`${keyOf(path)} does not exist.`);
    this.plan(path, content);
  }

  delete(path: string): void {
    this.plan(path, undefined);
  }

  getDir(path: string): { subfiles: string[]; subdirs: string[] } {
    const folder = keyOf(path);
    const files = new Set<string>();
    const folders = new Set<string>();
    for (const entry of this.listing(folder)) (entry.isFolder ? folders : files).add(entry.name);
    for (const change of this.planned.values()) {
      const below = folder === '' ? change.path : posix.relative(folder, change.path);
      if (below.startsWith('..')) continue;
      const [first = '', ...rest] = below.split('/');
      if (rest.length > 0) folders.add(first);
      else if (change.content) files.add(first);
      else files.delete(first);
    }
    return { subfiles: [...files], subdirs: [...folders] };
  }

  private plan(path: string, content: Content | undefined): void {
    const key = keyOf(path);
    const base = this.planned.has(key) ? this.planned.get(key)?.base : this.onDisk(key);
    this.planned.set(key, { path: key, base, content: content === undefined ? undefined : Buffer.from(content) });
  }

  private onDisk(key: string): Buffer | undefined {
    const file = join(this.root, key);
    return isFile(file) ? readFileSync(file) : undefined;
  }

  private listing(folder: string): { name: string; isFolder: boolean }[] {
    const path = join(this.root, folder);
    if (!existsSync(path) || isFile(path)) return [];
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isSymbolicLink()
        ? (statSync(join(path, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false)
        : entry.isDirectory(),
    }));
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function keyOf(path: string): string {
  const key = posix.normalize(path.replace(/^\/+/, '')).replace(/^\.$/, '').replace(/\/$/, '');
  if (key === '..' || key.startsWith('../') || key.includes('\0')) {
    throw new SchematicError(
      'INVALID_OPTION',
      `${JSON.stringify(path)} is outside the project. Choose a path inside it.`,
      path,
    );
  }
  return key;
}

function same(left: Buffer | undefined, right: Buffer | undefined): boolean {
  return left === undefined || right === undefined ? left === right : left.equals(right);
}
