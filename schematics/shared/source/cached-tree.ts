import { posix } from 'node:path';
import type { Tree } from './tree';

type Folder = ReturnType<Tree['getDir']>;

/**
 * A tree that reads each file and folder once until it is written. A run reads most of them many
 * times, and each read of devkit's tree passes several layers.
 */
export class CachedTree implements Tree {
  private readonly existing = new Map<string, boolean>();
  private readonly contents = new Map<string, Buffer | null>();
  private readonly texts = new Map<string, string>();
  private readonly folders = new Map<string, Folder>();

  /** @param host written by this object only */
  constructor(private readonly host: Tree) {}

  get actions(): Tree['actions'] {
    return this.host.actions;
  }

  exists(path: string): boolean {
    return cached(this.existing, path, () => this.host.exists(path));
  }

  read(path: string): Buffer | null {
    return cached(this.contents, path, () => this.host.read(path));
  }

  readText(path: string): string {
    return cached(this.texts, path, () => this.host.readText(path));
  }

  getDir(path: string): Folder {
    return cached(this.folders, path, () => {
      const { subfiles, subdirs } = this.host.getDir(path);
      return { subfiles, subdirs };
    });
  }

  create(path: string, content: Buffer | string): void {
    this.forget(path);
    this.host.create(path, content);
  }

  overwrite(path: string, content: Buffer | string): void {
    this.forget(path);
    this.host.overwrite(path, content);
  }

  delete(path: string): void {
    this.forget(path);
    this.host.delete(path);
  }

  private forget(path: string): void {
    for (const cache of [this.existing, this.contents, this.texts]) cache.delete(keyOf(path));
    // A file may create or remove folders above it.
    this.folders.clear();
  }
}

function cached<Value>(cache: Map<string, Value>, path: string, read: () => Value): Value {
  const key = keyOf(path);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = read();
  cache.set(key, value);
  return value;
}

function keyOf(path: string): string {
  return posix.normalize(`/${path}`);
}
