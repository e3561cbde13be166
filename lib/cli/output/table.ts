import { type Colour, coloured } from './colour.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut when the terminal is too narrow; the widest such column is cut first. */
  readonly cut?: boolean;
}

/** A text, with a colour where the terminal has some. */
export type Cell = string | { readonly text: string; readonly colour: Colour | null };

const GAP = '  ';
const LEAST_WIDTH = 8;

/** Lines of a table. `width` null = no terminal, nothing is cut. Line breaks in cells become blanks. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, colours }: { readonly width: number | null; readonly colours: boolean },
): string[] {
  const texts = rows.map((row) => row.map((cell) => oneLine(textOf(cell))));
  const widths = columns.map(({ title }, i) => Math.max(lengthOf(title), ...texts.map((row) => lengthOf(row[i] ?? ''))));
  if (width !== null) narrow(widths, columns, width);
  const line = (cells: readonly string[], paint: (text: string, i: number) => string) =>
    cells
      .map((cell, i) => {
        const fitted = cut(cell, widths[i] as number);
        const blanks = ' '.repeat((widths[i] as number) - lengthOf(fitted));
        return columns[i]?.align === 'right' ? blanks + paint(fitted, i) : paint(fitted, i) + blanks;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      (text) => (colours ? coloured(text, 'bold') : text),
    ),
    ...texts.map((cells, r) =>
      line(cells, (text, i) => {
        const cell = rows[r]?.[i];
        const colour = typeof cell === 'object' ? cell.colour : null;
        return colours && colour !== null ? coloured(text, colour) : text;
      }),
    ),
  ];
}

function narrow(widths: number[], columns: readonly Column[], width: number): void {
  const total = () => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    let widest = -1;
    for (const [i, column] of columns.entries()) {
      if (column.cut === true && (widest < 0 || (widths[i] as number) > (widths[widest] as number))) widest = i;
    }
    if (widest < 0 || (widths[widest] as number) <= LEAST_WIDTH) return;
    widths[widest] = (widths[widest] as number) - 1;
  }
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

/** A control character could change what the terminal shows. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/\p{Cc}/gu, '?');
}
