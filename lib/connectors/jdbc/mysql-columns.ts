import type { FieldPacket } from 'mysql2';
import type { ResultColumn } from './client.ts';

/** Column types of the protocol (MySQL, field_types.h) with the names of SQL. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  6: 'null',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  14: 'date',
  15: 'varchar',
  16: 'bit',
  242: 'vector',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  249: 'tinyblob',
  250: 'mediumblob',
  251: 'longblob',
  252: 'blob',
  253: 'varchar',
  254: 'char',
  255: 'geometry',
};

const NOT_NULL = 1;
const UNSIGNED = 32;
const ENUM = 256;
const SET = 2048;
/** The "character set" of bytes. */
const BINARY = 63;
const BINARY_NAMES: Readonly<Record<string, string>> = { varchar: 'varbinary', char: 'binary' };

/** A column as the server describes it in the protocol. Unsigned numbers are named as SQL names them: `int unsigned`. */
export function mysqlColumn(field: FieldPacket): ResultColumn {
  const flags = Number(field.flags);
  const decimals = field.decimals ?? 0;
  const typeName = typeNameOf(field, flags);
  return {
    name: field.name,
    typeName,
    typeKind: null,
    precision: typeName.startsWith('decimal') ? digitsOf(field.columnLength ?? 0, decimals, flags) : (field.columnLength ?? 0),
    // 31 = floating; only decimals have a scale.
    scale: typeName.startsWith('decimal') ? decimals : 0,
    nullable: (flags & NOT_NULL) === 0,
  };
}

function typeNameOf(field: FieldPacket, flags: number): string {
  const name = TYPE_NAMES[field.columnType ?? 6] ?? 'varchar';
  if ((flags & ENUM) !== 0) return 'enum';
  if ((flags & SET) !== 0) return 'set';
  const isText = field.characterSet !== BINARY;
  if (name.endsWith('blob')) return isText ? 'text' : name;
  if (name === 'varchar' || name === 'char') return isText ? name : (BINARY_NAMES[name] as string);
  return NUMBERS.includes(name) && (flags & UNSIGNED) !== 0 ? `${name} unsigned` : name;
}

const NUMBERS: readonly string[] = ['tinyint', 'smallint', 'int', 'mediumint', 'bigint', 'decimal', 'float', 'double'];

/** The length of a decimal counts its sign and its point. */
function digitsOf(length: number, decimals: number, flags: number): number {
  return length - (decimals > 0 ? 1 : 0) - ((flags & UNSIGNED) === 0 ? 1 : 0);
}
