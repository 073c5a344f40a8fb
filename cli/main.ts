#!/usr/bin/env node
import { Command } from 'commander';
import { addGenerateCommand } from './generate-command';
import { addServerCommand } from './server-command';
