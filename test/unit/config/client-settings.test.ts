import { describe, expect, it } from 'vitest';
import { adminSettings, consumerSettings, deadLetterProducerSettings, producerSettings } from '../../../lib/config/client-settings.ts';
import { converterConfig } from '../../../lib/config/converter-config.ts';
import { forbiddenOverrides } from '../../../lib/config/override-policy.ts';

const WORKER = {
  'bootstrap.servers': 'h:9092',
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'PLAIN',
  'request.timeout.ms': '1000',
  'producer.linger.ms': '5',
  'producer.acks': '1',
  'consumer.max.poll.records': '10',
  'admin.retries': '3',
  'offset.flush.interval.ms': '1',
  'key.converter': 'K',
};

describe('settings of Kafka clients', () => {
  it('lets the worker prefix win over defaults and the override over both', () => {
    const owner = {
      connector: 'c',
      task: 2,
      worker: WORKER,
      props: { 'producer.override.linger.ms': '9', 'consumer.override.group.id': 'g' },
    };
    expect(producerSettings(owner)).toEqual({
      'max.block.ms': '9223372036854775807',
      'enable.idempotence': 'true',
      'max.in.flight.requests.per.connection': '5',
      'delivery.timeout.ms': '2147483647',
      'client.id': 'connector-producer-c-2',
      'bootstrap.servers': 'h:9092',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      acks: '1',
      'linger.ms': '9',
    });
    expect(deadLetterProducerSettings(owner)).toMatchObject({ 'client.id': 'connector-dlq-producer-c-2', 'linger.ms': '9' });
    expect(consumerSettings(owner)).toMatchObject({ 'group.id': 'g', 'max.poll.records': '10', 'auto.offset.reset': 'earliest' });
    expect(adminSettings(owner)).toEqual({
      'bootstrap.servers': 'h:9092',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'request.timeout.ms': '1000',
      'client.id': 'connector-adminclient-c-2',
      retries: '3',
    });
  });

  it('does not carry security settings to another cluster', () => {
    const props = { 'producer.override.bootstrap.servers': 'other:9092' };
    expect(producerSettings({ connector: 'c', task: 0, worker: WORKER, props })).not.toHaveProperty('security.protocol');
    expect(consumerSettings({ connector: 'c', task: null, worker: WORKER, props: {} })).toMatchObject({
      'group.id': 'connect-c',
      'client.id': 'connector-consumer-c',
      'security.protocol': 'SASL_SSL',
    });
  });
});

describe('override policy', () => {
  const props = { 'producer.override.acks': '1', 'consumer.override.sasl.mechanism': 'PLAIN', 'tasks.max': '1' };
  it.each([
    ['All', {}, []],
    ['None', {}, ['producer.override.acks', 'consumer.override.sasl.mechanism']],
    ['Principal', {}, ['producer.override.acks']],
    ['org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy', {}, ['producer.override.acks']],
    ['Allowlist', { 'connector.client.config.override.allowlist': 'acks, linger.ms' }, ['consumer.override.sasl.mechanism']],
  ])('%s', (policy, more, expected) => {
    const worker = { 'connector.client.config.override.policy': policy, ...more };
    expect(forbiddenOverrides(props, worker).map(({ key }) => key)).toEqual(expected);
  });

  it("has Connect's message", () => {
    expect(forbiddenOverrides(props, { 'connector.client.config.override.policy': 'None' })[0]?.message).toBe(
      "The 'None' policy does not allow 'acks' to be overridden in the connector configuration.",
    );
  });
});

describe('converterConfig', () => {
  it('takes class and settings from one place, never mixed', () => {
    const worker = { 'value.converter': 'W', 'value.converter.schemas.enable': 'false' };
    expect(converterConfig('value', { 'value.converter.schemas.enable': 'true' }, worker)).toEqual({
      className: 'W',
      settings: { 'schemas.enable': 'false' },
      from: 'worker',
    });
    expect(converterConfig('value', { 'value.converter': 'C' }, worker)).toEqual({ className: 'C', settings: {}, from: 'connector' });
    expect(converterConfig('header', {}, {})).toEqual({
      className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
      settings: { 'converter.type': 'header' },
      from: 'worker',
    });
    expect(converterConfig('key', {}, {}).className).toBeNull();
  });
});
