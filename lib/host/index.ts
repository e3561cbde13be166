export { createConsoleLogger } from './console-logger.ts';
export { readHostFiles } from './host-files.ts';
export { resolverFor } from './plugins.ts';
export { ProgressDisplay } from './progress.ts';
export { startStandalone } from './standalone.ts';
export { validateFiles } from './validate-files.ts';
