import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command';
import { packPackages } from './packed-packages';

const BIN = join(__dirname, '..', '..', 'node_modules', '.bin');
const NOT_SOURCE = /^(node_modules|dist)$|^\.cache$|\.tsbuildinfo$/;

/** Kinds of project that `nest new` creates, with the command for each. */
const makers = {
  'Nest 12 ESM': [join(BIN, 'nest'), 'new', 'shop', '--package-manager', 'npm', '--skip-git', '--skip-install'],
  'Nest 12 CommonJS': [join(BIN, 'schematics'), '@nestjs/schematics:application', '--name=shop', '--type=cjs'],
  'Nest 11': ['npx', '-y', '@nestjs/cli@11.0.24', 'new', 'shop', '-p', 'npm', '--skip-git', '--skip-install'],
} satisfies Record<string, [string, ...string[]]>;

export type ProjectKind = keyof typeof makers;

/** A new project `shop` in a temporary folder, driven by the commands that a user types. */
export class NestProject {
  private constructor(
    readonly folder: string,
    readonly path: string,
  ) {}

  /**
   * Creates a project with the packed packages, as `nest add` would install them, and with other
   * packages of the registry.
   */
  static async create(kind: ProjectKind, ...others: string[]): Promise<NestProject> {
    return NestProject.make(kind, async (project, packages) => {
      await project.run('npm', 'install', ...packages, ...others);
    });
  }

  /** Creates a project with pnpm, where a package sees only its own dependencies. */
  static async createWithPnpm(...others: string[]): Promise<NestProject> {
    return NestProject.make('Nest 12 ESM', async (project, packages) => {
      // As on a developer's machine. With CI set, pnpm refuses to change the lock file.
      await project.write('.npmrc', 'frozen-lockfile=false\n');
      await project.pnpm('add', ...packages, ...others);
    });
  }

  /**
   * Creates a project from a folder of files, before anything is installed, and the tarballs of
   * both packages beside it.
   */
  static async copy(files: string): Promise<{ project: NestProject; packages: string[] }> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'nest-jetstream-e2e-'));
    const project = new NestProject(folder, join(folder, 'shop'));
    await cp(files, project.path, { recursive: true });
    return { project, packages: await packPackages(folder) };
  }

  private static async make(
    kind: ProjectKind,
    install: (project: NestProject, packages: string[]) => Promise<void>,
  ): Promise<NestProject> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'nest-jetstream-e2e-'));
    const project = new NestProject(folder, join(folder, 'shop'));
    try {
      const [command, ...args] = makers[kind];
      await runCommand(folder, command, ...args);
      await install(project, await packPackages(folder));
      return project;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  /** Creates a second project with the same settings and installed packages, without sources. */
  async sibling(name: string): Promise<NestProject> {
    const project = new NestProject(this.folder, join(this.folder, name));
    await mkdir(join(project.path, 'src'), { recursive: true });
    for (const entry of await readdir(this.path, { withFileTypes: true })) {
      if (entry.isFile()) await copyFile(join(this.path, entry.name), join(project.path, entry.name));
    }
    await symlink(join(this.path, 'node_modules'), join(project.path, 'node_modules'), 'junction');
    return project;
  }

  async run(command: string, ...args: string[]): Promise<string> {
    return runCommand(this.path, command, ...args);
  }

  /** Runs pnpm through npx, which puts it on the PATH of its child processes. */
  async pnpm(...args: string[]): Promise<string> {
    return this.run('npx', '-y', '--', 'pnpm@10.34.8', ...args);
  }

  async nest(...args: string[]): Promise<string> {
    return this.run('npx', '--no', 'nest', ...args);
  }

  async read(file: string): Promise<string> {
    return readFile(join(this.path, file), 'utf8');
  }

  async manifest(): Promise<{ dependencies: Record<string, string> }> {
    return JSON.parse(await this.read('package.json'));
  }

  async write(file: string, content: string): Promise<void> {
    await writeFile(join(this.path, file), content);
  }

  async delete(file: string): Promise<void> {
    await rm(join(this.path, file));
  }

  /** Hashes every file that is neither installed nor built. */
  async fingerprint(folder = ''): Promise<Record<string, string>> {
    const hashes: Record<string, string> = {};
    for (const entry of await readdir(join(this.path, folder), { withFileTypes: true })) {
      const file = join(folder, entry.name);
      if (NOT_SOURCE.test(entry.name)) continue;
      if (entry.isDirectory()) Object.assign(hashes, await this.fingerprint(file));
      else
        hashes[file] = createHash('sha256')
          .update(await this.read(file))
          .digest('hex');
    }
    return hashes;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
