import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, STRING_SCHEMA } from '../../../../lib/core/data/schemas.ts';
import { Struct } from '../../../../lib/core/data/struct.ts';
import { AvroData } from '../../../../lib/formats/avro/avro-data.ts';
import { AvroDecoder } from '../../../../lib/formats/avro/avro-decoder.ts';
import { AVRO_CODECS } from '../../../../lib/formats/avro/block-codecs.ts';
import { AvroContainerReader } from '../../../../lib/formats/avro/container-reader.ts';
import { AvroContainerWriter } from '../../../../lib/formats/avro/container-writer.ts';

const ROW = SchemaBuilder.struct().name('Row').field('id', INT64_SCHEMA).field('text', STRING_SCHEMA).build();

function file(codec: string, rows: number): Uint8Array {
  const data = new AvroData();
  const options = { codec, sync: new Uint8Array(16).fill(3), blockBytes: 200 };
  const writer = new AvroContainerWriter(data.fromConnectSchema(ROW), data.writer(ROW), options);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < rows; i++) {
    const full = writer.append(new Struct(ROW).put('id', BigInt(i)).put('text', 'x'.repeat(i % 40)));
    if (full !== null) parts.push(full);
  }
  parts.push(writer.finish());
  return new Uint8Array(Buffer.concat(parts));
}

function idsOf(bytes: Uint8Array, chunk: number): bigint[] {
  const reader = new AvroContainerReader();
  const ids: bigint[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.subarray(at, at + chunk));
    for (let block = reader.next(); block !== null; block = reader.next()) {
      if (reader.header === null) throw new Error('a block without a header');
      const { read } = new AvroData().reader(reader.header.schema);
      const from = new AvroDecoder().begin(block.content);
      for (let i = 0; i < block.count; i++) ids.push((read(from) as Struct).get('id') as bigint);
    }
  }
  reader.finish();
  return ids;
}

describe('Avro container files', () => {
  it.each(AVRO_CODECS)('are read as they were written: %s', (codec) => {
    const bytes = file(codec, 500);
    const ids = Array.from({ length: 500 }, (_, i) => BigInt(i));
    for (const chunk of [1, 97, bytes.length]) expect(idsOf(bytes, chunk)).toEqual(ids);
    expect(file(codec, 500)).toEqual(bytes);
  });

  it('go on at a block', () => {
    const bytes = file('deflate', 100);
    const reader = new AvroContainerReader();
    reader.push(bytes);
    const first = reader.next();
    const second = reader.next();
    if (first === null || second === null || reader.header === null) throw new Error('two blocks were expected');
    const later = new AvroContainerReader({ header: reader.header, offset: first.end });
    later.push(bytes.subarray(first.end));
    expect(later.next()).toEqual(second);
  });

  it('without records are a header', () => {
    expect(idsOf(file('null', 0), 10)).toEqual([]);
  });

  it('that are broken say where', () => {
    const bytes = file('null', 100);
    expect(() => idsOf(bytes.subarray(0, bytes.length - 5), 64)).toThrow(
      /byte \d+: the file ends \d+ bytes into an Avro block: it is truncated/,
    );
    expect(() => idsOf(bytes.subarray(0, 20), 64)).toThrow(/within its Avro header/);
    expect(() => idsOf(new Uint8Array([1, 2, 3, 4, 5]), 64)).toThrow(/no Avro container file/);
    const wrong = bytes.slice();
    wrong[wrong.length - 1] = 99;
    expect(() => idsOf(wrong, 64)).toThrow(/byte \d+: the Avro block does not end with the file's sync marker/);
  });

  it('keep what was good of a record that was not', () => {
    const data = new AvroData();
    const writer = new AvroContainerWriter(data.fromConnectSchema(ROW), data.writer(ROW), { sync: new Uint8Array(16) });
    writer.append(new Struct(ROW).put('id', 1n).put('text', 'a'));
    expect(() => writer.append(Struct.ofSlots(ROW, [2n, null]))).toThrow(/null value/);
    writer.append(new Struct(ROW).put('id', 3n).put('text', 'b'));
    expect(idsOf(writer.finish(), 1000)).toEqual([1n, 3n]);
  });
});
