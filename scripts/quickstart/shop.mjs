import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { root } from '../workspace/root.mjs';

// Prevents prompts.
const env = () => childEnvironment({ set: { CI: 'true' } });

/**
 * Creates the Nest project `shop` with the commands that a user types.
 * @param {string} folder
 * @param {import('./recording.mjs').Recording} recording receives the commands as documented, and
 * their output
 */
export function shopIn(folder, recording) {
  const path = join(folder, 'shop');
  const inShop = (command, ...args) => run(command, args, { cwd: path, env: env() });

  return {
    path,
    env,
    create: () => {
      const nest = join(root, 'node_modules', '.bin', 'nest');
      return run(nest, ['new', 'shop', '--package-manager', 'npm', '--skip-git'], { cwd: folder, env: env() });
    },
    addPackages: async (tarballs) => {
      await inShop('npm', 'install', '--no-audit', '--no-fund', ...tarballs);
      // Skips the install, which would look for the packages in the registry.
      const output = await inShop('npx', 'nest', 'add', 'nest-jetstream', '-s');
      recording.add('npx nest add nest-jetstream', output);
      await inShop('npm', 'install', '--no-audit', '--no-fund');
    },
    generateStream: async () => {
      const output = await inShop('npx', 'nest-jetstream', 'generate', 'stream', 'orders');
      recording.add('npx nest-jetstream generate stream orders', output);
    },
    generateConsumer: async () => {
      const fields = 'id: number; product: string; quantity: number';
      const args = ['generate', 'consumer', 'order.created', '--type', fields];
      const output = await inShop('npx', 'nest-jetstream', ...args);
      recording.add(`npx nest-jetstream generate consumer order.created --type '${fields}'`, output);
    },
    generatePublisher: async () => {
      const output = await inShop('npx', 'nest-jetstream', 'generate', 'publisher', 'orders', '--controller');
      recording.add('npx nest-jetstream generate publisher orders --controller', output);
    },
    build: () => inShop('npm', 'run', 'build'),
  };
}
