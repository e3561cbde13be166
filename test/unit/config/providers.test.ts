import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createConfigProviders } from '../../../lib/config/providers/config-providers.ts';
import { EnvVarConfigProvider } from '../../../lib/config/providers/env/env-var-config-provider.ts';
import { resolveVariables } from '../../../lib/config/variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-providers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const variable = (text: string) => `$${text}`;
mkdirSync(join(folder, 'secrets'));
writeFileSync(join(folder, 'secrets', 'password'), 'p\u00e4ss\n');
writeFileSync(join(folder, 'db.properties'), `user=bob\npassword=${variable('{env:X}')}\u00e4`);

describe('config providers', () => {
  it('replaces file, dir and env variables; unknown keys and providers stay as they are', async () => {
    process.env.CONFIG_PROVIDER_TEST = 'from env';
    const providers = createConfigProviders({}, { defaults: true });
    const resolved = await resolveVariables(
      {
        a: variable(`{file:${folder}/db.properties:user}:${variable(`{file:${folder}/db.properties:password}`)}`),
        b: variable(`{dir:${folder}/secrets:password}`),
        c: variable('{env:CONFIG_PROVIDER_TEST}'),
        d: variable('{env:CONFIG_PROVIDER_TEST_UNSET}'),
        e: variable('{vault:x:y}'),
        f: variable(`{dir:${folder}/secrets:../db.properties}`),
        g: 'plain',
      },
      providers,
    );
    expect(resolved.props).toEqual({
      a: `bob:${variable('{env:X}')}ä`,
      b: 'päss\n',
      c: 'from env',
      d: variable('{env:CONFIG_PROVIDER_TEST_UNSET}'),
      e: variable('{vault:x:y}'),
      f: variable(`{dir:${folder}/secrets:../db.properties}`),
      g: 'plain',
    });
    expect([...resolved.secretKeys]).toEqual(['a', 'b', 'c']);
  });

  it('knows only the configured ones where the worker configures any, by class name and parameters', async () => {
    const providers = createConfigProviders(
      {
        'config.providers': 'f, e',
        'config.providers.f.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
        'config.providers.f.param.allowed.paths': join(folder, 'secrets'),
        'config.providers.e.class': 'EnvVarConfigProvider',
      },
      { defaults: true },
    );
    expect([...providers.keys()]).toEqual(['f', 'e']);
    const outside = variable(`{f:${folder}/db.properties:user}`);
    expect((await resolveVariables({ a: outside }, providers)).props).toEqual({ a: outside });
  });

  it('has none for a worker file that configures none', () => {
    expect(createConfigProviders({}, { defaults: false }).size).toBe(0);
  });

  it('names the classes it knows when one is not known', () => {
    expect(() => createConfigProviders({ 'config.providers': 'x', 'config.providers.x.class': 'a.B' }, { defaults: true })).toThrow(
      /^Invalid value a\.B for configuration config\.providers\.x\.class: Class a\.B could not be found\. Known: .*FileConfigProvider/,
    );
  });

  it('refuses folders that are relative or absent', () => {
    const worker = (path: string) => ({
      'config.providers': 'd',
      'config.providers.d.class': 'dir',
      'config.providers.d.param.allowed.paths': path,
    });
    expect(() => createConfigProviders(worker('relative'), { defaults: true })).toThrow('Path relative is not absolute');
    expect(() => createConfigProviders(worker('/no/such/folder'), { defaults: true })).toThrow('Path /no/such/folder does not exist');
  });

  it('says which file could not be read', async () => {
    const providers = createConfigProviders({}, { defaults: true });
    await expect(resolveVariables({ a: variable('{file:/no/such/file:x}') }, providers)).rejects.toThrow(
      'Could not read properties from file /no/such/file',
    );
  });

  it('limits environment variables by allowlist.pattern and refuses a path', () => {
    const provider = new EnvVarConfigProvider({ DB_USER: 'u', HOME: 'h' });
    provider.configure({ 'allowlist.pattern': 'DB_.*' });
    expect(provider.get('', new Set(['DB_USER', 'HOME'])).data).toEqual({ DB_USER: 'u' });
    expect(() => provider.get('x', new Set(['DB_USER']))).toThrow("Path is not supported for EnvVarConfigProvider, invalid value 'x'");
  });
});
