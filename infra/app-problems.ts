import { type ConnectorPlan, groupsOf } from './connector-plan.ts';
import { physicalName } from './constructs/physical-name.ts';
import type { PreparedPipeline } from './prepare-pipeline.ts';

/** What pipelines of one app would take from each other: consumer groups on one Kafka, names of functions in one account. Each in words. */
export function appProblems(pipelines: readonly Pick<PreparedPipeline, 'connectors'>[]): string[] {
  const problems: string[] = [];
  const groups = new Map<string, ConnectorPlan>();
  const functions = new Map<string, ConnectorPlan>();
  for (const { plan } of pipelines.flatMap(({ connectors }) => connectors)) {
    const name = physicalName([plan.pipeline, plan.name]);
    const namesake = functions.get(name);
    functions.set(name, plan);
    if (namesake !== undefined)
      problems.push(`${placeOf(namesake)} and ${placeOf(plan)}: both functions would be named '${name}'; rename one`);
    for (const group of Object.values(groupsOf(plan))) {
      const kafka = (plan.worker['bootstrap.servers'] ?? '')
        .split(',')
        .map((server) => server.trim())
        .sort()
        .join();
      const other = groups.get(`${group} ${kafka}`);
      groups.set(`${group} ${kafka}`, plan);
      if (other === undefined) continue;
      problems.push(
        `${placeOf(other)} and ${placeOf(plan)}: both would read as consumer group '${group}' of ${kafka}, each a part of the records; rename one`,
      );
    }
  }
  return problems;
}

function placeOf({ pipeline, name }: ConnectorPlan): string {
  return `${pipeline}/${name}`;
}
