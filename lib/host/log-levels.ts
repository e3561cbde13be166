export { ProcessLogLevels } from '../rest/log-levels.ts';
