#!/usr/bin/env -S node --max-semi-space-size=2
import { enableCompileCache } from 'node:module';

// Before anything else is loaded: the second start then skips most of the parsing.
enableCompileCache();
const { runCommandLine } = await import('./run.ts');
await runCommandLine(process.argv.slice(2));
