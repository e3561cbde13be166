import { readFileSync } from 'node:fs';

/** Version of this package; `unknown` where its package.json cannot be read. */
export function packageVersion(): string {
  // Beside the sources this file is lib/host/package-version.ts, in the package dist/lib/host/package-version.js.
  for (const up of ['../..', '../../..']) {
    try {
      return (JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}
