import { enableCompileCache } from '../compile-cache';

enableCompileCache();
/**
 * TypeScript as ts-morph bundles it, because `typescript` has no API from version 7 on. Loaded from
 * its file, because the rest of that package takes half as long again. Its version is pinned for
 * this.
 */
import ts = require('@ts-morph/common/dist/typescript.js');
export { ts };
