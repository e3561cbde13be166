import { targetStateCommand } from '../target-state-command.ts';

/** `serverless-connect stop NAME…` */
export const stopCommand = targetStateCommand({
  verb: 'stop',
  done: 'STOPPED',
  summary: 'stop connectors: no tasks are left, offsets can be changed',
  look: ({ connector, tasks }) =>
    connector.state === 'STOPPED' && tasks.length === 0 ? null : `connector ${connector.state}, ${tasks.length} tasks left`,
});
