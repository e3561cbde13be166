import { dynaliteDiskTarget, dynaliteTarget } from '../../support/state/targets.ts';
import { describeStateContract } from './contract.ts';

describeStateContract('dynalite in memory', dynaliteTarget);
describeStateContract('dynalite on disk', dynaliteDiskTarget);
