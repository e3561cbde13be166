import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleScenario } from './scenarios/bundles.ts';
import { converterScenario } from './scenarios/converters.ts';
import { fileSinkScenario, fileSourceScenario } from './scenarios/file.ts';
import { jdbcSinkScenario, jdbcSourceScenario } from './scenarios/jdbc.ts';
import { restListingScenario } from './scenarios/rest-listing.ts';
import { s3SinkScenario, s3SourceScenario } from './scenarios/s3.ts';
import { smtChainScenario } from './scenarios/smt-chain.ts';

/** Prints one JSON line per figure; a scenario that cannot run here says why. */
type Scenario = () => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Conversion and transformation alone; in a process of its own, for its figures are processor time. */
const dataPathScenario: Scenario = async () =>
  execFileSync(process.execPath, [join(import.meta.dirname, 'scenarios/data-path.ts')], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const { scenario: path, ...figures } = JSON.parse(line) as Record<string, unknown>;
      return { path, ...figures };
    });

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'smt-chain': smtChainScenario,
  'data-path': dataPathScenario,
  converters: converterScenario,
  'file-source': fileSourceScenario,
  'file-sink': fileSinkScenario,
  'jdbc-source': jdbcSourceScenario,
  'jdbc-sink': jdbcSinkScenario,
  's3-sink': s3SinkScenario,
  's3-source': s3SourceScenario,
  bundles: bundleScenario,
  'rest-listing': restListingScenario,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0) {
  console.error(`unknown scenario ${unknown.join(', ')} (allowed: ${Object.keys(SCENARIOS).join(', ')})`);
  process.exit(2);
}
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const line of await scenario()) console.log(JSON.stringify({ scenario: name, ...line }));
}
