import type { ConnectorManifest } from '../../core/manifest.ts';
import { fileSinkConfigDef, fileSourceConfigDef } from './config.ts';
import { VERSION } from './version.ts';

const NO_LASTING_DISK = 'a function has no disk that outlives it; run this connector with `standalone` or `worker`';

export const connectorManifests: readonly ConnectorManifest[] = [
  {
    kind: 'source',
    className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    aliases: ['FileStreamSourceConnector', 'FileStreamSource'],
    configDef: fileSourceConfigDef,
    overview: 'Reads lines as they are appended to a file, or from the standard input, into one topic. For trying things out.',
    version: VERSION,
    module: 'connectors/file/source.ts',
    exportName: 'FileStreamSourceConnector',
    load: async () => (await import('./source.ts')).FileStreamSourceConnector,
    triggers: ['schedule'],
    permissions: [],
    notDeployable: NO_LASTING_DISK,
  },
  {
    kind: 'sink',
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    aliases: ['FileStreamSinkConnector', 'FileStreamSink'],
    configDef: fileSinkConfigDef,
    overview: 'Appends each value as one line to a file, or to the standard output. For trying things out.',
    version: VERSION,
    module: 'connectors/file/sink.ts',
    exportName: 'FileStreamSinkConnector',
    load: async () => (await import('./sink.ts')).FileStreamSinkConnector,
    triggers: ['schedule'],
    permissions: [],
    notDeployable: NO_LASTING_DISK,
  },
];
