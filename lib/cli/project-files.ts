/** Versions that the written project pins; those that this package is tested with. */
const CDK = { 'aws-cdk': '2.1148.1', 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };

/**
 * Files of a project of a user: a pipeline, a source of their own with its test, and the CDK app that deploys it. `name` names package and
 * stack; `self` is where npm gets this package from, a version or a file.
 */
export function projectFiles(name: string, self: string): Readonly<Record<string, string>> {
  return {
    'package.json': json({
      name,
      version: '0.0.0',
      private: true,
      type: 'module',
      scripts: {
        test: 'node --test plugins/*.test.ts',
        validate: `serverless-connect validate pipelines/${name}.json`,
        deploy: 'cdk deploy',
      },
      dependencies: { 'serverless-connect': self },
      devDependencies: CDK,
    }),
    'cdk.json': json({
      app: 'node app.ts',
      context: { '@aws-cdk/core:checkSecretUsage': true, '@aws-cdk/aws-iam:minimizePolicies': true },
    }),
    '.gitignore': 'node_modules/\ncdk.out/\n.serverless-connect/\n',
    'README.md': README.replaceAll('NAME', name),
    'app.ts': APP.replaceAll('NAME', name),
    [`pipelines/${name}.json`]: json(pipeline(name)),
    'plugins/clock-source.ts': PLUGIN,
    'plugins/clock-source.test.ts': TEST,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function pipeline(name: string): object {
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
  return {
    name,
    worker: {
      'bootstrap.servers': 'broker.example:9096',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': `${login} username="\${secretsManager:${name}/kafka:username}" password="\${secretsManager:${name}/kafka:password}";`,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    },
    connectors: [
      {
        name: 'clock',
        config: { 'connector.class': '../plugins/clock-source.ts#ClockSource', topic: 'minutes', 'lambda.schedule': 'rate(1 minute)' },
      },
      {
        name: 'archive',
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
          topics: 'minutes',
          'connection.url': 'jdbc:postgresql://db.example:5432/archive',
          'connection.user': 'connect',
          'connection.password': `\${secretsManager:${name}/db:password}`,
          'auto.create': 'true',
        },
      },
    ],
  };
}

const README = `# NAME

\`\`\`sh
npm test            # the plug-in's test
npm run validate    # every mistake of the pipeline file at once
npx cdk synth       # the stack; npx cdk deploy puts it into an account
\`\`\`

\`pipelines/NAME.json\` holds the configuration, \`plugins/clock-source.ts\` a source connector of this project, \`app.ts\` the stack.
`;

const APP = `import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Pipeline } from 'serverless-connect/infra';

const app = new App();
const stack = new Stack(app, 'NAME');
const pipeline = new Pipeline(stack, 'Pipeline', { file: join(import.meta.dirname, 'pipelines/NAME.json') });

// Every resource can be reached and changed.
pipeline.source('clock').worker.function.addEnvironment('LOG_LEVEL', 'info');
`;

const PLUGIN = `import {
  ConfigDef,
  type ConnectorProps,
  SchemaBuilder,
  type SourceConnector,
  SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  Struct,
} from 'serverless-connect';

const MINUTE_MS = 60_000;
const PARTITION = { clock: 'utc' };
const SCHEMA = SchemaBuilder.struct().name('minute').field('minute', SchemaBuilder.int64().build()).build();

/** Sends one record for each minute that has passed, and none twice: the last one is its offset. */
export class ClockSource implements SourceConnector {
  #props: ConnectorProps = {};

  version(): string {
    return '1.0.0';
  }

  config(): ConfigDef {
    return new ConfigDef().define({ name: 'topic', type: 'STRING', importance: 'HIGH', doc: 'Topic to write to.' });
  }

  initialize(): void {}

  start(props: ConnectorProps): void {
    this.#props = props;
  }

  taskClass(): new () => SourceTask {
    return ClockTask;
  }

  taskConfigs(): ConnectorProps[] {
    return [this.#props];
  }

  stop(): void {}
}

class ClockTask implements SourceTask {
  #context: SourceTaskContext | null = null;
  #topic = '';
  #last = 0n;

  version(): string {
    return '1.0.0';
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    this.#topic = props.topic ?? '';
    const now = BigInt(Math.floor(this.#now() / MINUTE_MS));
    const offset = await this.#context?.offsetStorageReader().offset(PARTITION);
    this.#last = offset == null ? now - 1n : BigInt(String(offset.minute));
  }

  poll(): SourceRecord[] | null {
    const now = BigInt(Math.floor(this.#now() / MINUTE_MS));
    const records: SourceRecord[] = [];
    while (this.#last < now && records.length < 1000) {
      this.#last++;
      records.push(
        new SourceRecord({
          sourcePartition: PARTITION,
          sourceOffset: { minute: this.#last },
          topic: this.#topic,
          valueSchema: SCHEMA,
          value: new Struct(SCHEMA).put('minute', this.#last),
        }),
      );
    }
    // A tick ends when there is nothing more to read.
    if (records.length === 0) this.#context?.caughtUp();
    return records.length === 0 ? null : records;
  }

  stop(): void {}

  #now(): number {
    return this.#context?.clock.now() ?? 0;
  }
}
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceTask } from 'serverless-connect';
import { createSourceTaskContext, ManualClock } from 'serverless-connect/testing';
import { ClockSource } from './clock-source.ts';

const PROPS = { topic: 'minutes' };

async function startTask(clock: ManualClock, committed: bigint | null) {
  const connector = new ClockSource();
  connector.start(PROPS);
  const Task = connector.taskClass();
  const task: SourceTask = new Task();
  const context = createSourceTaskContext({ props: PROPS, clock });
  if (committed !== null) context.commit({ clock: 'utc' }, { minute: committed });
  task.initialize(context);
  await task.start(PROPS);
  return { task, context };
}

test('sends each minute that passed since the committed one', async () => {
  const { task } = await startTask(new ManualClock(10 * 60_000), 7n);
  const records = (await task.poll()) ?? [];
  assert.deepEqual(
    records.map(({ topic, sourceOffset }) => [topic, sourceOffset?.minute]),
    [
      ['minutes', 8n],
      ['minutes', 9n],
      ['minutes', 10n],
    ],
  );
});

test('is caught up when no minute has passed', async () => {
  const { task, context } = await startTask(new ManualClock(10 * 60_000), 10n);
  assert.equal(await task.poll(), null);
  assert.equal(context.isCaughtUp, true);
});
`;
