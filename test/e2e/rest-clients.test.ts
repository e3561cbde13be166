import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageVersion } from '../../lib/host/package-version.ts';
import { startTestStandalone, type TestStandalone } from '../support/cli/start-standalone.ts';
import { javaClientUnavailable, javaFlow, pythonClientUnavailable, pythonFlow } from '../support/rest/clients/judges.ts';
import { npmFlow } from '../support/rest/clients/npm-flow.ts';

const noPython = pythonClientUnavailable();
const noJava = javaClientUnavailable();
for (const reason of [noPython, noJava]) if (reason !== null) console.warn(`a REST client is not run: ${reason}`);

describe("other people's clients against the REST API of standalone mode", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startTestStandalone();
  });

  afterAll(() => standalone?.close());

  /** A connector with a file of its own, so that flows do not meet. */
  const call = (name: string): [string, string, string, string] => {
    const file = join(standalone.cwd, `${name}.txt`);
    writeFileSync(file, 'one\ntwo\n');
    return [standalone.url, name, file, `lines-of-${name}`];
  };

  /** What every flow has to see. */
  const expected = (name: string) => ({
    version: packageVersion(),
    plugin: ['source'],
    created: name,
    running: ['RUNNING', 'RUNNING'],
    listed: true,
    config: {
      name,
      'connector.class': 'FileStreamSource',
      'tasks.max': '1',
      file: join(standalone.cwd, `${name}.txt`),
      topic: `lines-of-${name}`,
    },
    // The topic is missing.
    invalid: 1,
    paused: ['PAUSED', 'PAUSED'],
    resumed: ['RUNNING', 'RUNNING'],
    restarted: ['RUNNING', 'RUNNING'],
    task: 0,
    tasks: [0],
    topics: [name],
    updated: '100',
    gone: true,
  });

  it("npm's kafka-connect-client", async () => {
    const { topics: _, ...seen } = expected('npm');
    expect(await npmFlow(...call('npm'))).toEqual({ ...seen, stopped: ['STOPPED'], offsets: { offsets: [] } });
  });

  it.skipIf(noPython !== null)('kafka-connect-py of PyPI', async () => {
    expect(await pythonFlow(call('python'))).toEqual({ ...expected('python'), expanded: 'RUNNING', stopped: ['STOPPED'] });
  });

  it.skipIf(noJava !== null)('org.sourcelab:kafka-connect-client of Maven Central', async () => {
    expect(await javaFlow(call('java'))).toEqual({ ...expected('java'), expanded: 'RUNNING' });
  });
});
