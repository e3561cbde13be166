import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const FORMAT = 'io.confluent.connect.s3.format';
const LONG = process.env.LONG === '1';
const OBJECT_BYTES = (LONG ? 300 : 8) * 1024 * 1024;
/** Of which a process of Node that has loaded the connector takes about 100. */
const BOUND_MB = 250;

const schema = SchemaBuilder.struct().name('Row').field('id', INT64_SCHEMA).field('text', STRING_SCHEMA).build();
const run = promisify(execFile);

describe.each(['json.JsonFormat', 'avro.AvroFormat', 'parquet.ParquetFormat'])('one large object, %s', (name) => {
  it('is read within the memory bound', async () => {
    const s3 = new TestS3();
    await s3.start();
    try {
      const config = {
        'flush.size': '2147483647',
        'format.class': `${FORMAT}.${name}`,
        'lambda.s3.flush.idle.ms': '1',
        'parquet.codec': 'none',
      };
      const sink = await new SinkDriver(s3, config, SYSTEM_CLOCK).begin([{ topic: 't', partition: 0 }]);
      let records = 0;
      for (let bytes = 0; bytes < OBJECT_BYTES; ) {
        const batch = Array.from({ length: 2000 }, () => {
          const text = `${records}`.padEnd(180, 'x');
          bytes += text.length + 20;
          return new SinkRecord({
            topic: 't',
            kafkaPartition: 0,
            kafkaOffset: records,
            valueSchema: schema,
            value: new Struct(schema).put('id', BigInt(records++)).put('text', text),
            timestamp: 1,
          });
        });
        await sink.put(batch);
      }
      await sink.put([]);
      await sink.end();
      expect(s3.objects.size).toBe(1);
      const script = join(import.meta.dirname, 's3-source-memory-process.ts');
      const { stdout } = await run(process.execPath, ['--max-old-space-size=150', script, s3.url, `${FORMAT}.${name}`]);
      const figures = JSON.parse(stdout) as { records: number; peakMb: number };
      expect(figures.records).toBe(records);
      expect(figures.peakMb).toBeLessThan(BOUND_MB);
      if (LONG) console.log(`${name}: ${[...s3.objects.values()][0]!.content.length} bytes, ${records} records, peak ${figures.peakMb} MB`);
    } finally {
      await s3.stop();
    }
  }, 600_000);
});
