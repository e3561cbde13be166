import { describe, expect, it } from 'vitest';
import { databaseOf, parseConnectionUrl } from '../../../../lib/connectors/jdbc/connection-url.ts';
import { ColumnMapping } from '../../../../lib/connectors/jdbc/source/column-mapping.ts';
import { groups } from '../../../../lib/connectors/jdbc/source/source-connector.ts';
import { parseTableIdentifier, quoted, quoteIdentifier } from '../../../../lib/connectors/jdbc/table-id.ts';

const RULES = { quote: '"' };

describe('table identifiers', () => {
  it.each([
    ['orders', { catalog: null, schema: null, table: 'orders' }],
    ['public.orders', { catalog: null, schema: 'public', table: 'orders' }],
    ['shop.public.orders', { catalog: 'shop', schema: 'public', table: 'orders' }],
    ['"public"."a.b"', { catalog: null, schema: 'public', table: 'a.b' }],
  ])('splits %s', (text, expected) => {
    expect(parseTableIdentifier(text, RULES)).toEqual(expected);
  });

  it('doubles quotes inside a name', () => {
    expect(quoteIdentifier('a"; drop table x; --', RULES)).toBe('"a""; drop table x; --"');
    expect(quoted({ catalog: null, schema: 's', table: 't' }, RULES)).toBe('"s"."t"');
  });
});

describe('connection URLs', () => {
  it('takes location and properties apart', () => {
    const { database, location, properties } = parseConnectionUrl('jdbc:postgresql://h:5433/shop?sslmode=require&user=u');

    expect({ database, location, properties: [...properties] }).toEqual({
      database: 'postgresql',
      location: '//h:5433/shop',
      properties: [
        ['sslmode', 'require'],
        ['user', 'u'],
      ],
    });
  });

  it('refuses databases without client, without showing a password in the URL', () => {
    expect(databaseOf('jdbc:oracle:thin:@h')).toBeNull();
    expect(() => parseConnectionUrl('jdbc:nothing:here?password=secret')).toThrow('No suitable driver found for jdbc:nothing:here');
    expect(() => parseConnectionUrl('jdbc:nothing:here?password=secret')).not.toThrow('secret');
  });
});

describe('column mappings', () => {
  const table = (name: string) => ({ catalog: null, schema: 'public', table: name });

  it('finds the columns of the table that matches', () => {
    const mapping = new ColumnMapping(['.*\\.a:[ts]', '.*\\.b:[m|c]'], 'timestamp');

    expect(mapping.columnsOf(table('a'))).toEqual(['ts']);
    expect(mapping.columnsOf(table('b'))).toEqual(['m', 'c']);
  });

  it('refuses a table that none or several match', () => {
    expect(() => new ColumnMapping(['.*\\.a:id'], 'incrementing').columnsOf(table('b'))).toThrow(
      `Error while validating incrementing column mappings: Included table '"public"."b"' does not match any of the provided regexes`,
    );
    expect(() => new ColumnMapping(['.*:id', '.*a:id'], 'incrementing').columnsOf(table('a'))).toThrow('matches more than one');
  });

  it('refuses an entry without column', () => {
    expect(() => new ColumnMapping(['nonsense'], 'incrementing')).toThrow("invalid incrementing column mapping 'nonsense'");
  });
});

describe('groups', () => {
  it('gives the first groups one more', () => {
    expect(groups(['a', 'b', 'c', 'd', 'e'], 3)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });
});
