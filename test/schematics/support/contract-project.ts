import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DiskTree } from '../../../cli/runner/disk-tree';
import { infoOf, toDocument } from '../../../schematics/contract/document';
import type { Document } from '../../../schematics/contract/json';
import { readContractProject } from '../../../schematics/contract/project-program';
import { readContract, type Contract } from '../../../schematics/contract/read-contract';

export const ROOT = join(__dirname, '..', '..', '..');
const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    types: ['node'],
  },
});

/** A workspace with the packages of this repository, in a temporary folder. */
export class ContractWorkspace {
  readonly root = mkdtempSync(join(realpathSync(tmpdir()), 'nats-contract-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'), 'junction');
    this.write({ 'package.json': '{ "name": "shop", "version": "1.0.0" }', 'tsconfig.json': TSCONFIG, ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), content);
    }
  }

  contract(project?: string): Contract {
    return readContract(readContractProject(new DiskTree(this.root), this.root, project));
  }

  document(project?: string): Document {
    const tree = new DiskTree(this.root);
    const found = readContractProject(tree, this.root, project);
    return toDocument(readContract(found), infoOf(tree, found.serviceName));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Returns a part of a document by its keys. */
export function partOf(document: Document, ...keys: readonly string[]): object | undefined {
  return keys.reduce<object | undefined>((part, key) => Reflect.get(part ?? {}, key) as object | undefined, document);
}
