/** A text that is no range of versions; the message is Maven's. */
export class VersionRangeError extends Error {}

/** Versions from one to another; null = no limit on that side. */
interface Interval {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly opening: string;
  readonly closing: string;
}

/** A range in Maven's notation; a bare version means exactly this one. */
export interface VersionRange {
  /** As Maven prints it: `[1.0,1.0]` for `1.0`. */
  readonly text: string;
  includes(version: string): boolean;
}

/** Reads `1.0`, `[1.0,2.0)`, `(,1.0],[1.2,)`. Throws VersionRangeError. */
export function parseVersionRange(spec: string): VersionRange {
  const trimmed = spec.trim();
  const full = /^[[(]/.test(trimmed) ? trimmed : `[${trimmed}]`;
  const intervals: Interval[] = [];
  let rest = full;
  while (/^[[(]/.test(rest)) {
    const end = rest.search(/[)\]]/);
    if (end < 0) throw new VersionRangeError(`Unbounded range: ${full}`);
    const interval = parseInterval(rest.slice(0, end + 1));
    const before = intervals.at(-1);
    if (before !== undefined && (before.upper === null || interval.lower === null || compareVersions(interval.lower, before.upper) < 0)) {
      throw new VersionRangeError(`Ranges overlap: ${full}`);
    }
    intervals.push(interval);
    rest = rest
      .slice(end + 1)
      .trim()
      .replace(/^,/, '')
      .trim();
  }
  if (rest !== '') throw new VersionRangeError(`Only fully-qualified sets allowed in multiple set scenario: ${full}`);
  return {
    text: intervals.map(({ opening, lower, upper, closing }) => `${opening}${lower ?? ''},${upper ?? ''}${closing}`).join(','),
    includes: (version) => intervals.some((interval) => contains(interval, version)),
  };
}

function parseInterval(text: string): Interval {
  const opening = text[0]!;
  const closing = text.at(-1)!;
  const content = text.slice(1, -1).trim();
  const comma = content.indexOf(',');
  if (comma < 0) {
    if (opening !== '[' || closing !== ']') throw new VersionRangeError(`Single version must be surrounded by []: ${text}`);
    return { lower: content, upper: content, opening, closing };
  }
  const lower = content.slice(0, comma).trim() || null;
  const upper = content.slice(comma + 1).trim() || null;
  if (lower !== null && upper !== null) {
    const order = compareVersions(upper, lower);
    if (order < 0 || (order === 0 && (opening === '(' || closing === ')'))) {
      throw new VersionRangeError(`Range defies version ordering: ${text}`);
    }
  }
  return { lower, upper, opening, closing };
}

function contains({ lower, upper, opening, closing }: Interval, version: string): boolean {
  const fromLower = lower === null ? 1 : compareVersions(version, lower);
  const toUpper = upper === null ? 1 : compareVersions(upper, version);
  return (fromLower > 0 || (fromLower === 0 && opening === '[')) && (toUpper > 0 || (toUpper === 0 && closing === ']'));
}

/** Numbers by value, missing ones as zero; what is no number (`-SNAPSHOT`, `rc1`) stands before the release. */
function compareVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = (left[index] ?? 0) - (right[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): number[] {
  return version.split(/[.,-]/).map((part) => (/^\d+$/.test(part) ? Number(part) : -1));
}
