import { inState, targetStateCommand } from '../target-state-command.ts';

/** `serverless-connect pause NAME…` */
export const pauseCommand = targetStateCommand({
  verb: 'pause',
  done: 'PAUSED',
  summary: 'pause connectors: tasks stay assigned and do nothing',
  look: inState('PAUSED'),
});
