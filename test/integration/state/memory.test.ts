import { memoryTarget } from '../../support/state/targets.ts';
import { describeStateContract } from './contract.ts';

describeStateContract('memory', memoryTarget);
