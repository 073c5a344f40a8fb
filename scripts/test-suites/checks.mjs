import { join } from 'node:path';
import { run } from '../process/run.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Checks other than tests. Specs are compiled without type checks, so tsc checks them here. Fast
 * runs skip slow checks.
 */
export const checks = [
  {
    name: 'types check',
    run: (env) => run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.json'], { cwd: root, env }),
  },
  {
    name: 'dead code',
    run: (env) =>
      run(join(root, 'node_modules', '.bin', 'knip'), ['--treat-config-hints-as-errors'], { cwd: root, env }),
  },
  { name: 'lint', run: (env) => run('npm', ['run', 'lint'], { cwd: root, env }) },
  // Fails only for large regressions.
  { name: 'speed', slow: true, run: (env) => run('npm', ['run', 'bench:check'], { cwd: root, env }) },
];
