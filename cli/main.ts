#!/usr/bin/env node
import { enableCompileCache } from '../schematics/shared/compile-cache';
import type * as program from './program';

enableCompileCache();
// Loaded after the cache is enabled, which would otherwise miss these modules.
const { runProgram } = require('./program') as typeof program;
runProgram();
