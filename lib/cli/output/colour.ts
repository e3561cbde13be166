import type { CliIo } from '../command.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, string>> = { red: '31', green: '32', yellow: '33', dim: '2', bold: '1' };

/** Whether standard output understands colours and nobody asked for none (https://no-color.org). */
export function hasColours({ env, out }: Pick<CliIo, 'env' | 'out'>): boolean {
  return out.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** The text in a colour. */
export function coloured(text: string, colour: Colour): string {
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

const STATES: Readonly<Record<string, Colour>> = {
  RUNNING: 'green',
  FAILED: 'red',
  PAUSED: 'yellow',
  RESTARTING: 'yellow',
  STOPPED: 'dim',
  UNASSIGNED: 'dim',
};

/** The colour of a connector's or task's state. */
export function colourOf(state: string): Colour | null {
  return STATES[state] ?? null;
}
