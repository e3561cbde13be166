import { REGISTRY } from '../lib/plugins/registry.generated.ts';
import { prepareInto } from './prepare-pipeline.ts';

// A process of preparePipelineSync: pipeline file and output file are its arguments.
const [file = '', output = ''] = process.argv.slice(2);
await prepareInto(output, file, REGISTRY);
