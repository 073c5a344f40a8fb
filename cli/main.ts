#!/usr/bin/env node
import { enableCompileCache } from '../schematics/shared/compile-cache';
import type * as program from './program';

enableCompileCache();
// Behind the cache, which otherwise would see none of what this loads.
const { runProgram } = require('./program') as typeof program;
runProgram();
