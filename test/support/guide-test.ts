import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NestProject } from './nest-project';

const GUIDE_TEST = join(__dirname, '../testing/guide/orders/orders.flow.spec.ts');

/** Adds the test of docs/testing.md to a project that has its stream and its consumer. */
export async function addGuideTest(project: NestProject): Promise<void> {
  const { type }: { type?: string } = JSON.parse(await project.read('package.json'));
  const source = await readFile(GUIDE_TEST, 'utf8');
  const ofModules = source.replace(/from '(\.[^']*)'/g, "from '$1.js'");
  await project.write('src/orders/orders.flow.spec.ts', type === 'module' ? ofModules : source);
}
