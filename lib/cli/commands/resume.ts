import { allRunning, targetStateCommand } from '../target-state-command.ts';

/** `serverless-connect resume NAME…` */
export const resumeCommand = targetStateCommand({
  verb: 'resume',
  done: 'RUNNING',
  summary: 'resume connectors that are paused or stopped',
  look: allRunning,
});
