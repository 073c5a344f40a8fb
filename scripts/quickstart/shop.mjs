import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../process/environment.mjs';
import { CommandFailedError, run } from '../process/run.mjs';
import { root } from '../workspace/root.mjs';

const CONTROLLER = fileURLToPath(new URL('templates/orders.controller.ts', import.meta.url));
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

  /** Checks that the file exists, because `nest g` also exits with 0 on failure. */
  async function generate(args, file) {
    const output = await inShop('npx', 'nest', 'g', ...args);
    if (!existsSync(join(path, file)))
      throw new CommandFailedError(`nest g ${args.join(' ')}`, `did not create ${file}`, output);
    return output;
  }

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
      const output = await generate(['jetstream-stream', 'orders'], 'src/orders/orders.stream.ts');
      recording.add('npx nest g jetstream-stream orders', output);
    },
    generateConsumer: async () => {
      const fields = 'id: number; product: string; quantity: number';
      const args = ['jetstream-consumer', 'order.created', '--type', fields];
      const output = await generate(args, 'src/orders/order-created.consumer.ts');
      recording.add(`npx nest g jetstream-consumer order.created --type '${fields}'`, output);
    },
    generateController: async () => {
      const file = 'src/orders/orders.controller.ts';
      await generate(['controller', 'orders', '--no-spec'], file);
      copyFileSync(CONTROLLER, join(path, file));
    },
    build: () => inShop('npm', 'run', 'build'),
  };
}
