// For authors of plug-ins: what a task needs to be driven by a test.
export * from './task-contexts.ts';
