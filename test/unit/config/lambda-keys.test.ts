import { describe, expect, it } from 'vitest';
import { effectiveTrigger, LAMBDA_CONFIG_DEF } from '../../../lib/config/lambda-keys.ts';

const errorOf = (key: string, value: string) =>
  LAMBDA_CONFIG_DEF.validate({ [key]: value }).find(({ name }) => name === key)?.errorMessages[0] ?? null;

describe('lambda keys', () => {
  it('has defaults that are valid', () => {
    expect(LAMBDA_CONFIG_DEF.validate({}).flatMap(({ errorMessages }) => errorMessages)).toEqual([]);
    expect(LAMBDA_CONFIG_DEF.parse({}).getText('lambda.schedule')).toBe('rate(1 minute)');
  });

  it.each([
    ['lambda.schedule', 'rate(5 minutes)', null],
    ['lambda.schedule', 'rate(1 hour)', null],
    ['lambda.schedule', 'cron(0 12 * * ? *)', null],
    [
      'lambda.schedule',
      'rate(1 minutes)',
      'Invalid value rate(1 minutes) for configuration lambda.schedule: write rate(1 minute) or rate(N minutes) with N above 1',
    ],
    [
      'lambda.schedule',
      'rate(0 days)',
      'Invalid value rate(0 days) for configuration lambda.schedule: write rate(1 day) or rate(N days) with N above 1',
    ],
    [
      'lambda.schedule',
      'every minute',
      'Invalid value every minute for configuration lambda.schedule: expected rate(N minutes|hours|days) or cron(minutes hours day-of-month month day-of-week year)',
    ],
    ['lambda.schedule.timezone', 'Europe/Zurich', null],
    [
      'lambda.schedule.timezone',
      'Mars/Base',
      'Invalid value Mars/Base for configuration lambda.schedule.timezone: expected a time zone of the IANA data base, e.g. UTC or Europe/Zurich',
    ],
    ['lambda.trigger', 'events', 'Invalid value events for configuration lambda.trigger: String must be one of: schedule, event'],
    ['lambda.memory.mb', '64', 'Invalid value 64 for configuration lambda.memory.mb: Value must be at least 128'],
    ['lambda.filter', '{"value": {"a": [1]}}', null],
    [
      'lambda.filter',
      '{',
      'Invalid value { for configuration lambda.filter: expected a filter pattern of Lambda as JSON, or a list of them',
    ],
    ['lambda.on.failure.destination', 'arn:aws:sqs:eu-west-1:123456789012:q', null],
    [
      'lambda.on.failure.destination',
      'queue',
      'Invalid value queue for configuration lambda.on.failure.destination: expected the ARN of an SQS queue, an SNS topic or an S3 bucket, or kafka://TOPIC',
    ],
  ])('%s=%s', (key, value, expected) => {
    expect(errorOf(key, value)).toBe(expected);
  });

  it('chooses the trigger by what the connector can', () => {
    const sink = { triggers: ['schedule', 'event'] };
    expect(effectiveTrigger('source', {}, { triggers: ['schedule'] })).toBe('schedule');
    expect(effectiveTrigger('sink', { topics: 'a' }, sink)).toBe('event');
    expect(effectiveTrigger('sink', { 'topics.regex': 'a' }, sink)).toBe('schedule');
    expect(effectiveTrigger('sink', { topics: 'a' }, { ...sink, holdsRecords: true })).toBe('schedule');
    expect(effectiveTrigger('sink', { topics: 'a', 'lambda.trigger': 'schedule' }, sink)).toBe('schedule');
  });
});
