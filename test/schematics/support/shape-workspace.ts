import { mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shape } from '../shapes/shape';
import { DiskProject, type CommandOutcome } from './disk-project';

const MODULES = join(__dirname, '..', '..', '..', 'node_modules');
/** Only projects that depend on it have it. */
const OPTIONAL = 'prettier';

/** A folder for workspaces, which find the packages that are installed here. */
export async function shapeFolder(): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nest-jetstream-shapes-'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of readdirSync(MODULES)) {
    if (name !== OPTIONAL) await symlink(join(MODULES, name), join(folder, 'node_modules', name), 'junction');
  }
  return folder;
}

/** The workspace of a shape on the disk, with the commands that a user types. */
export class ShapeWorkspace {
  private readonly whole: DiskProject;
  private readonly project: DiskProject;

  private constructor(
    readonly path: string,
    private readonly shape: Pick<Shape, 'folder' | 'project' | 'module'>,
  ) {
    this.whole = new DiskProject(path);
    this.project = new DiskProject(join(path, shape.folder ?? ''));
  }

  static async create(
    path: string,
    shape: Pick<Shape, 'files' | 'folder' | 'project' | 'module'>,
  ): Promise<ShapeWorkspace> {
    const workspace = new ShapeWorkspace(path, shape);
    for (const [file, content] of Object.entries(shape.files)) await workspace.whole.write(file, content);
    if (Object.values(shape.files).some((text) => text.includes('"prettier":'))) {
      const modules = join(path, 'node_modules');
      await mkdir(modules, { recursive: true });
      await symlink(join(MODULES, OPTIONAL), join(modules, OPTIONAL), 'junction');
    }
    return workspace;
  }

  /** Runs a command of our command line in the folder of the shape. */
  async command(...words: string[]): Promise<CommandOutcome> {
    const { project, module } = this.shape;
    const isWhole = words.includes('eject');
    const hasModule = !isWhole && !words.includes('event') && !words.includes('migrate');
    const options = [
      ...(project === undefined || isWhole ? [] : ['--project', project]),
      ...(module === undefined || !hasModule ? [] : ['--module', module]),
    ];
    const cwd = jest.spyOn(process, 'cwd').mockReturnValue(this.project.root);
    try {
      return await this.project.command(...words, ...options);
    } finally {
      cwd.mockRestore();
    }
  }

  /** Returns every file that is not installed, with its content. */
  async files(): Promise<Record<string, string>> {
    const files = Object.entries(await this.whole.files()).filter(([path]) => !path.includes('/node_modules/'));
    return Object.fromEntries(files.map(([path, text]) => [path.slice(1), text]));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}
