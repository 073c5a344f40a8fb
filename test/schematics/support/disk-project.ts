import { mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import type { Tree } from '@angular-devkit/schematics';
import { throwInsteadOfExit } from '../../../cli/command/throw-instead-of-exit';
import { addSchematicCommands } from '../../../cli/generate-command';

export interface CommandOutcome {
  readonly printed: string[];
  readonly warned: string[];
}

/** A project with the files of a tree in a temporary folder. */
export class DiskProject {
  constructor(readonly root = mkdtempSync(join(realpathSync(tmpdir()), 'nest-jetstream-'))) {}

  static async of(tree: Tree): Promise<DiskProject> {
    const project = new DiskProject();
    const files: string[] = [];
    tree.visit((path) => void files.push(path));
    for (const path of files) await project.write(path, tree.read(path) ?? '');
    return project;
  }

  async write(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8');
  }

  /** Returns every file with its content. */
  async files(): Promise<Record<string, string>> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(
        files.toSorted().map(async (file) => [`/${relative(this.root, file)}`, await readFile(file, 'utf8')]),
      ),
    ) as Record<string, string>;
  }

  /** Runs our command line in this process. */
  async command(...words: string[]): Promise<CommandOutcome> {
    const printed: string[] = [];
    const warned: string[] = [];
    const program = new Command();
    addSchematicCommands(program, {
      root: this.root,
      print: (line) => void printed.push(line),
      warn: (line) => void warned.push(line),
    });
    throwInsteadOfExit(program);
    await program.parseAsync(words, { from: 'user' });
    return { printed, warned };
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}
