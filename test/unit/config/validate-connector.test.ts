import { describe, expect, it } from 'vitest';
import { createConfigProviders } from '../../../lib/config/providers/config-providers.ts';
import { type ConnectorToValidate, validateConnector } from '../../../lib/config/validate-connector.ts';
import { validateWorker } from '../../../lib/config/validate-worker.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

const RESOLVER = createPluginResolver(REGISTRY);
const WORKER = {
  'bootstrap.servers': 'h:9092',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};
const SINK = { name: 'c', 'connector.class': 'FileStreamSink', topics: 'a', file: 'out.txt' };
const SOURCE = { name: 'c', 'connector.class': 'FileStreamSource', topic: 'a', file: 'in.txt' };
const AVRO = {
  'value.converter': 'io.confluent.connect.avro.AvroConverter',
  'value.converter.schema.registry.url': 'http://registry:8081',
};
const GLUE = {
  'value.converter': 'com.amazonaws.services.schemaregistry.kafkaconnect.AWSKafkaAvroConverter',
  'value.converter.region': 'eu-west-1',
};

async function problemsOf(config: Record<string, string>, request: Partial<ConnectorToValidate> = {}): Promise<string[]> {
  const { problems } = await validateConnector({
    where: '',
    config,
    worker: WORKER,
    resolver: RESOLVER,
    providers: new Map(),
    unknownKeys: 'refuse',
    ...request,
  });
  return problems.map(
    ({ severity, key, message, remedy }) =>
      `${severity === 'error' ? '' : 'warning: '}${key}: ${message}${remedy === null ? '' : ` | ${remedy}`}`,
  );
}

describe('validateConnector', () => {
  it('has nothing to say about what is right', async () => {
    expect(await problemsOf(SINK)).toEqual([]);
    expect(
      await problemsOf({
        ...SOURCE,
        transforms: 'ts,f',
        'transforms.ts.type': 'InsertField$Value'.replace(/^/, 'org.apache.kafka.connect.transforms.'),
        'transforms.ts.timestamp.field': 'ts',
        'transforms.f.type': 'Filter',
        'transforms.f.predicate': 'tomb',
        predicates: 'tomb',
        'predicates.tomb.type': 'RecordIsTombstone',
        'value.converter': 'JsonConverter',
        'value.converter.schemas.enable': 'false',
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
        'topic.creation.default.cleanup.policy': 'compact',
        'lambda.schedule': 'rate(5 minutes)',
        'producer.override.acks': 'all',
      }),
    ).toEqual([]);
  });

  it.each([
    [
      'an unknown class, with the nearest names',
      { ...SINK, 'connector.class': 'FileStreamSinc' },
      /^connector\.class: Failed to find any class that implements Connector and which name matches FileStreamSinc, available connectors are: .*\. Did you mean FileStreamSink/,
    ],
    [
      'a missing class',
      { name: 'c', topics: 'a' },
      /^connector\.class: Missing required configuration "connector\.class" which has no default value\./,
    ],
    [
      'a missing key of the connector',
      { name: 'c', 'connector.class': 'FileStreamSource', file: 'x' },
      /^topic: Missing required configuration "topic" which has no default value\./,
    ],
    [
      'a wrong type, told once',
      { ...SINK, 'tasks.max': 'many' },
      /^tasks\.max: Invalid value many for configuration tasks\.max: Not a number of type INT$/,
    ],
    [
      'a value out of range',
      { ...SINK, 'tasks.max': '0' },
      /^tasks\.max: Invalid value 0 for configuration tasks\.max: Value must be at least 1$/,
    ],
    [
      'an unknown transformation',
      { ...SINK, transforms: 'm', 'transforms.m.type': 'MaskFeld$Value' },
      /^transforms\.m\.type: Invalid value MaskFeld\$Value for configuration transforms\.m\.type: Class MaskFeld\$Value could not be found\. \| did you mean .*MaskField\$Value/,
    ],
    [
      'a predicate that is not listed',
      {
        ...SINK,
        transforms: 'f',
        'transforms.f.type': 'Filter',
        'transforms.f.predicate': 'tomb',
        predicates: 'tmb',
        'predicates.tmb.type': 'RecordIsTombstone',
      },
      /^transforms\.f\.predicate: no predicate is named "tomb" \| did you mean tmb\?$/,
    ],
    [
      'an alias that is not listed',
      { ...SINK, transforms: 'f', 'transforms.f.type': 'Filter', 'transforms.g.type': 'Filter' },
      /^transforms\.g\.type: has no effect: g is not listed in transforms/,
    ],
    [
      'an unknown option',
      {
        ...SINK,
        transforms: 'r',
        'transforms.r.type': 'RegexRouter',
        'transforms.r.regex': 'a',
        'transforms.r.replacement': 'b',
        'transforms.r.regx': 'a',
      },
      /^transforms\.r\.regx: unknown key of r \| did you mean transforms\.r\.regex/,
    ],
    ['a misspelt key', { ...SINK, 'task.max': '2' }, /^task\.max: unknown key \| did you mean tasks\.max/],
    ['a misspelt lambda key', { ...SINK, 'lambda.memory': '2' }, /^lambda\.memory: unknown key \| did you mean lambda\.memory\.mb/],
    [
      'converter settings without a converter',
      { ...SINK, 'value.converter.schemas.enable': 'false' },
      /^value\.converter\.schemas\.enable: has no effect: without value\.converter the worker's converter is used/,
    ],
    [
      'rules that a converter cannot execute',
      { ...SINK, ...AVRO, 'value.converter.rule.executors': 'encrypt' },
      /^value\.converter\.rule\.executors: rules of schemas are not executed here/,
    ],
    [
      'a Java key store',
      { ...SINK, ...AVRO, 'value.converter.schema.registry.ssl.truststore.location': '/trust.jks' },
      /^value\.converter\.schema\.registry\.ssl\.truststore\.type: stores of type JKS cannot be read here/,
    ],
    [
      'a role that a converter should take on',
      { ...SINK, ...GLUE, 'value.converter.assumeRoleArn': 'arn:aws:iam::1:role/r' },
      /^value\.converter\.assumeRoleArn: roles are not assumed here/,
    ],
    [
      'a wrong converter setting',
      { ...SINK, 'value.converter': 'JsonConverter', 'value.converter.schemas.enable': 'maybe' },
      /^value\.converter\.schemas\.enable: Invalid value maybe/,
    ],
    [
      'an unknown converter',
      { ...SINK, 'key.converter': 'StrinConverter' },
      /^key\.converter: .*Class StrinConverter could not be found\. \| did you mean .*StringConverter/,
    ],
    [
      'a dead letter queue among the topics',
      { ...SINK, 'errors.deadletterqueue.topic.name': 'a' },
      /^topics: The DLQ topic 'a' may not be included in the list of topics/,
    ],
    [
      'a bad expression',
      { name: 'c', 'connector.class': 'FileStreamSink', 'topics.regex': '(' },
      /^topics\.regex: Invalid value \( for configuration topics\.regex: Invalid regex: Unclosed group/,
    ],
    [
      'a topic creation group that is not listed',
      {
        ...SOURCE,
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
        'topic.creation.x.partitions': '1',
      },
      /^topic\.creation\.x\.partitions: has no effect: x is not listed/,
    ],
    [
      'topic creation without defaults',
      { ...SOURCE, 'topic.creation.default.partitions': '1' },
      /^topic\.creation\.default\.replication\.factor: Missing required configuration/,
    ],
    [
      'a setting the client cannot meet',
      { ...SOURCE, 'producer.override.partitioner.class': 'a.B' },
      /^producer\.override\.partitioner\.class: cannot be met/,
    ],
    [
      'a setting without effect',
      { ...SOURCE, 'producer.override.linger.ms': '5' },
      /^warning: producer\.override\.linger\.ms: has no effect here/,
    ],
    [
      'a setting no client knows',
      { ...SOURCE, 'producer.override.ack': '1' },
      /^producer\.override\.ack: no setting of a Kafka producer \| did you mean acks/,
    ],
    ['a trigger the connector cannot have', { ...SOURCE, 'lambda.trigger': 'event' }, /^lambda\.trigger: .*cannot be started by event/],
  ])('says one thing about %s', async (_, config, message) => {
    const problems = await problemsOf(config as Record<string, string>);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('says what is wrong between topics and topics.regex under both keys', async () => {
    expect(await problemsOf({ ...SINK, 'topics.regex': 'a.*' })).toEqual([
      'topics: topics and topics.regex are mutually exclusive options, but both are set.',
      'topics.regex: topics and topics.regex are mutually exclusive options, but both are set.',
    ]);
  });

  it('only warns of unknown keys where Connect accepts them', async () => {
    expect(await problemsOf({ ...SINK, 'task.max': '2' }, { unknownKeys: 'warn' })).toEqual([
      'warning: task.max: unknown key | did you mean tasks.max?',
    ]);
  });

  it('obeys the override policy of the worker', async () => {
    const worker = { ...WORKER, 'connector.client.config.override.policy': 'None' };
    expect(await problemsOf({ ...SOURCE, 'producer.override.acks': 'all' }, { worker })).toEqual([
      "producer.override.acks: The 'None' policy does not allow 'acks' to be overridden in the connector configuration.",
    ]);
  });

  it('does not judge keys with variables that cannot be reached, and resolves those that can', async () => {
    const config = { ...SINK, 'tasks.max': `$${'{env:NO_SUCH_VARIABLE_HERE}'}` };
    expect(await problemsOf(config, { providers: null })).toEqual([]);
    process.env.VALIDATE_TASKS = 'zero';
    const resolved = await problemsOf(
      { ...SINK, 'tasks.max': `$${'{env:VALIDATE_TASKS}'}` },
      { providers: createConfigProviders({}, { defaults: true }) },
    );
    expect(resolved).toEqual(['tasks.max: Invalid value [hidden] for configuration tasks.max: Not a number of type INT']);
  });

  it('hears the connector itself, once its keys are right', async () => {
    const asked: string[] = [];
    const validatePlugin: ConnectorToValidate['validatePlugin'] = (manifest) => {
      asked.push(manifest.className);
      return Promise.resolve([{ name: 'file', value: 'x', recommendedValues: [], errorMessages: ['the disk is full'], visible: true }]);
    };
    expect(await problemsOf(SINK, { validatePlugin })).toEqual(['file: the disk is full']);
    expect(asked).toEqual(['org.apache.kafka.connect.file.FileStreamSinkConnector']);
  });
});

describe('validateWorker', () => {
  const judge = (worker: Record<string, string>) =>
    validateWorker({ where: 'worker', worker, resolver: RESOLVER, unknownKeys: 'refuse', convertersRequired: true }).map(
      ({ severity, key, message, remedy }) => `${severity} ${key}: ${message}${remedy === null ? '' : ` | ${remedy}`}`,
    );

  it("accepts Apache's own files and notes what means nothing", () => {
    const standalone = {
      ...WORKER,
      'key.converter.schemas.enable': 'true',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'true',
      'offset.storage.file.filename': '/tmp/connect.offsets',
      'offset.flush.interval.ms': '10000',
      'plugin.path': '/usr/share/java',
    };
    expect(judge(standalone)).toEqual([
      'warning plugin.path: has no effect here: plug-ins are TypeScript modules; name them by module specifier or in plugin.modules',
    ]);
  });

  it('tells every mistake', () => {
    expect(
      judge({
        'key.converter': 'StringConvertr',
        'offset.flush.interval.ms': 'soon',
        'bootstrap.server': 'h',
        'producer.ack': '1',
        'consumer.interceptor.classes': 'a.B',
        'sasl.jaas.config': 'x',
      }),
    ).toEqual([
      'error offset.flush.interval.ms: Invalid value soon for configuration offset.flush.interval.ms: Not a number of type LONG',
      expect.stringMatching(/^error key\.converter: .*Class StringConvertr could not be found\. \| did you mean .*StringConverter/),
      expect.stringMatching(/^error value\.converter: Missing required configuration "value\.converter" which has no default value\./),
      'error bootstrap.server: unknown key of a worker | did you mean bootstrap.servers?',
      'error producer.ack: no setting of a Kafka producer | did you mean acks?',
      expect.stringMatching(/^error consumer\.interceptor\.classes: cannot be met: interceptors are Java classes/),
    ]);
  });
});

describe('validateWorker', () => {
  it('names what its converters cannot do', () => {
    const worker = { ...WORKER, ...AVRO, 'value.converter.rule.actions': 'dlq' };
    const problems = validateWorker({ where: 'worker', worker, resolver: RESOLVER, unknownKeys: 'refuse', convertersRequired: true });
    expect(problems.map(({ severity, key, message }) => [severity, key, message])).toEqual([
      ['error', 'value.converter.rule.actions', 'rules of schemas are not executed here'],
    ]);
  });
});
