import { enableCompileCache } from '../compile-cache';

enableCompileCache();
/**
 * TypeScript as ts-morph carries it: `typescript` itself has no API from version 7 on. Straight
 * from the file, since the rest of that package takes half as long to load again; its version is
 * pinned for that.
 */
import ts = require('@ts-morph/common/dist/typescript.js');
export { ts };
