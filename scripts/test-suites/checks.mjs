import { join } from 'node:path';
import { run } from '../process/run.mjs';
import { root } from '../workspace/root.mjs';

/** What is checked besides the tests. Specs are compiled without type checks, so tsc looks at them here. */
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
  // The one check that takes time: it fails on ratios that are far off only.
  { name: 'speed', run: (env) => run('npm', ['run', 'bench:check'], { cwd: root, env }) },
];
