import { randomBytes } from 'node:crypto';

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html: the SDK passes the trace header on, and Lambda counts in its
// `Lineage` how often a function took part in one chain.

/** How often `functionName` was invoked already in the chain that this trace header belongs to. */
export function hopsOf(traceId: string | undefined, functionName: string): number {
  const entry = lineage(traceId).find(([name]) => name === key(functionName));
  return entry?.[1] ?? 0;
}

/** The trace header to give an invocation of `functionName` that was asked for under `traceId`. */
export function nextHop(traceId: string | undefined, functionName: string): string {
  const root =
    /Root=([^;]+)/.exec(traceId ?? '')?.[1] ?? `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  const entries = lineage(traceId).filter(([name]) => name !== key(functionName));
  entries.push([key(functionName), hopsOf(traceId, functionName) + 1]);
  return `Root=${root};Sampled=0;Lineage=${entries.map(([name, count]) => `${name}:${count}`).join('|')}`;
}

function key(functionName: string): string {
  return encodeURIComponent(functionName);
}

function lineage(traceId: string | undefined): [string, number][] {
  const text = /Lineage=([^;]+)/.exec(traceId ?? '')?.[1] ?? '';
  return text
    .split('|')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const colon = entry.lastIndexOf(':');
      return [entry.slice(0, colon), Number(entry.slice(colon + 1))];
    });
}
