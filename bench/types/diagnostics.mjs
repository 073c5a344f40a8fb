import { join } from 'node:path';
import { run } from '../../scripts/process/run.mjs';
import { childEnvironment } from '../../scripts/process/environment.mjs';

const FLAGS = ['-p', '.', '--noEmit', '--incremental', 'false', '--pretty', 'false', '--extendedDiagnostics'];

/**
 * Compiles a project once.
 * @returns {Promise<Record<'checkMs' | 'totalMs' | 'instantiations' | 'memoryMb', number>>}
 */
export async function compile(project, compiler) {
  const tsc = join(project.path, '..', 'node_modules', compiler, 'bin', 'tsc');
  const output = await run(process.execPath, [tsc, ...FLAGS], { cwd: project.path, env: childEnvironment() });
  return {
    checkMs: figure(output, 'Check time', 's') * 1000,
    totalMs: figure(output, 'Total time', 's') * 1000,
    instantiations: figure(output, 'Instantiations', ''),
    memoryMb: figure(output, 'Memory used', 'K') / 1024,
  };
}

function figure(output, name, unit) {
  const value = new RegExp(`^${name}:\\s+([\\d.]+)${unit}$`, 'm').exec(output)?.[1];
  if (value === undefined) throw new Error(`The compiler printed no "${name}":\n${output}`);
  return Number(value);
}
