import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandResult, runCommand } from '../support/command';
import { packTransport } from '../support/packed-packages';
import { CONFIGS, type CompiledCases } from '../types/compile-cases';
import { addedOptions } from './compiler-options';
import { readCompilerOutput } from './compiler-output';
import { COMPILERS, type Compiler, type Configuration, type Nest } from './matrix';

const CLI = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const NEST_PACKAGES = ['@nestjs/common', '@nestjs/core', '@nestjs/microservices'];
// As in the package.json of `nest new`.
const OTHER_PACKAGES = ['rxjs@^7.8.1', 'reflect-metadata@^0.2.2', '@types/node@^24.0.0'];

/**
 * A folder with one Nest, its compilers and the packed transport. Projects of cases are created in
 * it.
 */
export class NestInstallation {
  private constructor(private readonly path: string) {}

  static async create(nest: Nest): Promise<NestInstallation> {
    const path = await mkdtemp(join(await realpath(tmpdir()), `nest-jetstream-types-${nest}-`));
    const installation = new NestInstallation(path);
    try {
      await installation.install(nest);
      return installation;
    } catch (error) {
      await installation.remove();
      throw error;
    }
  }

  /**
   * Compiles the cases of a folder as the sources of a project, with additional compiler flags.
   */
  async compile(
    configuration: Configuration,
    compiler: Compiler,
    cases: string,
    ...flags: readonly string[]
  ): Promise<CompiledCases> {
    const project = await this.createProject(configuration, compiler, cases);
    const args = ['-p', '.', '--noEmit', '--incremental', 'false', '--pretty', 'false', ...flags];
    return readCompilerOutput(await commandResult(project, process.execPath, this.command(compiler), ...args));
  }

  /**
   * Runs `nest-jetstream contract` on the cases of a folder, in a project whose package
   * `typescript` is a compiler. Returns the document.
   */
  async contract(configuration: Configuration, compiler: Compiler, cases: string): Promise<string> {
    const project = await this.createProject(configuration, compiler, cases);
    const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as object;
    await writeFile(join(project, 'package.json'), JSON.stringify({ ...manifest, name: 'shop', version: '1.0.0' }));
    await mkdir(join(project, 'node_modules'));
    const place = join(project, 'node_modules', 'typescript');
    await symlink(join(this.path, 'node_modules', compiler), place, 'junction');
    return runCommand(project, process.execPath, CLI, 'contract', '--stdout');
  }

  /** Returns the version of a compiler, such as `Version 5.9.3`. */
  async versionOf(compiler: Compiler): Promise<string> {
    return runCommand(this.path, process.execPath, this.command(compiler), '--version');
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }

  private async createProject(configuration: Configuration, compiler: Compiler, cases: string): Promise<string> {
    const project = await mkdtemp(join(this.path, `${configuration}-${compiler}-`));
    const options = addedOptions(configuration, compiler);
    const tsconfig = { extends: './nest-new.tsconfig.json', compilerOptions: options, include: ['src'] };
    await cp(join(CONFIGS, configuration), project, { recursive: true });
    await cp(cases, join(project, 'src'), { recursive: true });
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
    return project;
  }

  private command(compiler: Compiler): string {
    return join(this.path, 'node_modules', compiler, 'bin', 'tsc');
  }

  private async install(nest: Nest): Promise<void> {
    const nestVersion = nest.replace('nest-', '');
    const packages = [
      ...NEST_PACKAGES.map((name) => `${name}@${nestVersion}`),
      ...OTHER_PACKAGES,
      ...COMPILERS[nest].map((compiler) => `${compiler}@npm:typescript@${compiler.replace('ts-', '')}`),
      await packTransport(this.path),
    ];
    await writeFile(join(this.path, 'package.json'), JSON.stringify({ private: true }));
    await runCommand(this.path, 'npm', 'install', '--no-save', ...packages);
  }
}
