import type { Exchange, RecordedResponse } from './exchanges.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed; undefined = none. */
  readonly body?: unknown;
}

/** Where leniency was recorded. */
interface Leniency {
  readonly volatile: readonly string[];
  readonly subset: readonly string[];
}

const PLACEHOLDER = /<(?:any|doc|version|commit|kafka_cluster_id|worker_id|timestamp|trace)>/;

/** Every difference between a recorded answer and this one; empty = right. */
export function compareAnswers(expected: RecordedResponse, actual: Answer, exchange: Exchange, base: string): string[] {
  const status =
    expected.status === actual.status ? [] : [`status: expected ${expected.status}, got ${actual.status} ${show(actual.body)}`];
  if (exchange.status_only) return status;
  return [...status, ...compareHeaders(expected, actual, base), ...compareBodies(expected, actual, exchange)];
}

function compareHeaders(expected: RecordedResponse, actual: Answer, base: string): string[] {
  const differences: string[] = [];
  const type = (text: string | undefined) => (text ?? '').toLowerCase().replace(/\s+/g, '');
  const [wanted, got] = [type(expected.headers['content-type']), type(actual.headers['content-type'])];
  // Where Apache forgets the content type of a JSON body, the right one is right too.
  if (expected.body !== undefined && wanted !== got && !(wanted === '' && got === 'application/json')) {
    differences.push(`content-type: expected ${wanted || 'none'}, got ${got || 'none'}`);
  }
  const location = (text: string | undefined) => (text === undefined ? undefined : new URL(text.replace(/^<base>/, base), base).href);
  if (location(expected.headers.location) !== location(actual.headers.location)) {
    differences.push(`location: expected ${expected.headers.location}, got ${actual.headers.location}`);
  }
  const methods = (text: string | undefined) =>
    (text ?? '')
      .split(',')
      .map((method) => method.trim())
      .sort()
      .join();
  if (methods(expected.headers.allow) !== methods(actual.headers.allow)) {
    differences.push(`allow: expected ${expected.headers.allow}, got ${actual.headers.allow}`);
  }
  return differences;
}

function compareBodies(expected: RecordedResponse, actual: Answer, { subset = [], volatile = [] }: Exchange): string[] {
  if (expected.body === undefined) return actual.body === undefined ? [] : [`body: expected none, got ${show(actual.body)}`];
  if (actual.body === undefined) return [`body: expected ${show(expected.body)}, got none`];
  return differencesOf(expected.body, actual.body, { subset, volatile }, '');
}

function differencesOf(expected: unknown, actual: unknown, lenient: Leniency, at: string): string[] {
  if (lenient.volatile.includes(at)) return actual === undefined ? [`${at}: missing`] : [];
  if (typeof expected === 'string' && PLACEHOLDER.test(expected)) {
    const pattern = new RegExp(`^${expected.split(PLACEHOLDER).map(escapeRegExp).join('[\\s\\S]*')}$`);
    return typeof actual === 'string' && pattern.test(actual) ? [] : [differs(at, expected, actual)];
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (lenient.subset.includes(at)) return missingElements(expected, actual, lenient, at);
    if (expected.length !== actual.length) return [`${at}: expected ${expected.length} elements, got ${show(actual)}`];
    return expected.flatMap((each, index) => differencesOf(each, actual[index], lenient, `${at}/${index}`));
  }
  if (isObject(expected) && isObject(actual)) {
    const pointer = (key: string) => `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const known = Object.keys(expected).flatMap((key) => differencesOf(expected[key], actual[key], lenient, pointer(key)));
    if (lenient.subset.includes(at)) return known;
    const more = Object.keys(actual).filter((key) => !(key in expected));
    return [...known, ...more.map((key) => `${pointer(key)}: unexpected ${show(actual[key])}`)];
  }
  return expected === actual ? [] : [differs(at, expected, actual)];
}

/** Elements of a recorded array that have no equal of their own; named by the element that comes nearest. */
function missingElements(expected: readonly unknown[], actual: readonly unknown[], lenient: Leniency, at: string): string[] {
  const rest = [...actual];
  return expected.flatMap((each, index) => {
    const inside = (pointers: readonly string[]) =>
      pointers.flatMap((pointer) => {
        const prefix = [`${at}/${index}`, `${at}/*`].find((start) => pointer === start || pointer.startsWith(`${start}/`));
        return prefix === undefined ? [] : [pointer.slice(prefix.length)];
      });
    const within = { subset: inside(lenient.subset), volatile: inside(lenient.volatile) };
    const tried = rest.map((candidate) => differencesOf(each, candidate, within, ''));
    const found = tried.findIndex((differences) => differences.length === 0);
    if (found >= 0) {
      rest.splice(found, 1);
      return [];
    }
    const nearest = tried.toSorted((a, b) => a.length - b.length)[0] ?? ['nothing is left'];
    return [`${at}: no element like ${show(each)} (${nearest.slice(0, 3).join('; ')})`];
  });
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function differs(at: string, expected: unknown, actual: unknown): string {
  return `${at || '/'}: expected ${show(expected)}, got ${show(actual)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
