import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConfigException } from '../../../core/errors.ts';
import { JavaPattern } from '../../../core/java/regex.ts';
import { FORMATS, type FormatName, STRING_FORMAT } from '../class-names.ts';
import { sourceConfigDef } from '../source-config.ts';

export type SourceFormatName = FormatName | 'string';

/** Key of our own: how long the upload of an object may take, from its beginning. */
const UPLOAD_MAX_MS = 'lambda.s3.upload.max.ms';
const UPLOAD_MAX_DEFAULT_MS = 3_600_000;
/** Of a task: which of how many it is. */
export const TASK_INDEX = 'task.index';
export const TASK_COUNT = 'task.count';

/** Where a record came from before the sink wrote it. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
}

/** The source's configuration as its parts need it. */
export interface SourceSettings {
  readonly parsed: ParsedConfig;
  readonly connector: string;
  readonly bucket: string;
  readonly generic: boolean;
  /** Each object is a source partition of its own: objects come under any key, or by events in any order. */
  readonly byFile: boolean;
  readonly format: SourceFormatName;
  /** null = keys are not restored. */
  readonly keysFormat: FormatName | null;
  readonly headersFormat: FormatName | null;
  readonly separator: string;
  readonly bytesExtension: string;
  readonly directoryDelim: string;
  /** What is listed, in order. */
  readonly prefixes: readonly string[];
  readonly topicRegexes: readonly { readonly topic: string; readonly regex: JavaPattern }[];
  /** Topic and partition in the name of an object; null = none of the sink's. */
  readonly originOf: (fileName: string) => Origin | null;
  readonly startingTimestamp: number;
  readonly pollIntervalMs: number;
  readonly batchRecords: number;
  readonly onError: 'fail' | 'ignore' | 'log';
  /** null = data that cannot be read goes nowhere. */
  readonly errorTopic: string | null;
  readonly uploadMaxMs: number;
  readonly task: number;
  readonly tasks: number;
}

/** Parses the configuration. Throws ConfigException at the first mistake. */
export function sourceSettings(props: ConnectorProps): SourceSettings {
  const parsed = sourceConfigDef.parse(props);
  const generic = parsed.getText('mode').toUpperCase() === 'GENERIC';
  const topicRegexes = parsed.getList('topic.regex.list').map((pair) => {
    const colon = pair.indexOf(':');
    return { topic: pair.slice(0, colon), regex: new JavaPattern(pair.slice(colon + 1)) };
  });
  if (generic && topicRegexes.length === 0) throw new ConfigException(EMPTY_REGEXES);
  const directoryDelim = parsed.getText('directory.delim');
  const topicsDir = parsed.getText('topics.dir').trim();
  const folders = parsed.getList('folders');
  const errorPrefix = parsed.getText('parse.error.topic.prefix').trim();
  const connector = props.name ?? '';
  const formatOf = (name: string) => FORMATS[parsed.getText(name)]!;
  return {
    parsed,
    connector,
    bucket: parsed.getText('s3.bucket.name'),
    generic,
    byFile: generic || props['lambda.trigger']?.trim() === 'event',
    format: parsed.getText('format.class') === STRING_FORMAT ? 'string' : formatOf('format.class'),
    keysFormat: !generic && parsed.getBoolean('store.kafka.keys') ? formatOf('keys.format.class') : null,
    headersFormat: !generic && parsed.getBoolean('store.kafka.headers') ? formatOf('headers.format.class') : null,
    // A separator of blanks is one: the value as it was written, not trimmed
    separator: props['format.bytearray.separator'] || '\n',
    bytesExtension: parsed.getText('format.bytearray.extension'),
    directoryDelim,
    prefixes: folders.length > 0 ? [...folders].sort() : [topicsDir === '' ? '' : `${topicsDir}${directoryDelim}`],
    topicRegexes,
    originOf: originIn(parsed.getText('filename.regex')),
    startingTimestamp: Number(parsed.getLong('file.discovery.starting.timestamp')),
    pollIntervalMs: Number(parsed.getLong('s3.poll.interval.ms')),
    batchRecords: parsed.getNumber('record.batch.max.size'),
    onError: parsed.getText('behavior.on.error').toLowerCase() as SourceSettings['onError'],
    errorTopic: errorPrefix === '' ? null : `${errorPrefix}-${connector}`,
    uploadMaxMs: Number(props[UPLOAD_MAX_MS] ?? UPLOAD_MAX_DEFAULT_MS),
    task: Number(props[TASK_INDEX] ?? 0),
    tasks: Number(props[TASK_COUNT] ?? 1),
  };
}

function originIn(regex: string): SourceSettings['originOf'] {
  const pattern = new JavaPattern(`^(?:${regex})$`);
  if (pattern.groupCount < 2) {
    throw ConfigException.invalid('filename.regex', regex, 'expected two groups: the topic and the partition');
  }
  const [topicOf, partitionOf] = [pattern.replacer('$1'), pattern.replacer('$2')];
  return (fileName) => {
    if (!pattern.matches(fileName)) return null;
    const partition = Number(partitionOf(fileName));
    return Number.isInteger(partition) ? { topic: topicOf(fileName), partition } : null;
  };
}

/** Confluent's words. */
export const EMPTY_REGEXES = 'topic.regex.list cannot be empty when the connector runs in GENERIC mode.';
