export { createConsoleLogger } from './console-logger.ts';
export { readHostFiles } from './host-files.ts';
export { ProcessLogLevels } from './log-levels.ts';
export { resolverFor } from './plugins.ts';
export { ProgressDisplay } from './progress.ts';
export { startStandalone } from './standalone.ts';
export { type TickReport, tickHere } from './tick.ts';
export { validateFiles } from './validate-files.ts';
