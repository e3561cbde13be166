import { empty, json, type Route } from './exchange.ts';
import { readObject } from './json-body.ts';
import type { LevelOfLogger, RestDeps } from './rest-deps.ts';
import { BadRequestException, RestException } from './rest-exception.ts';

const MAX_NAMESPACE = 500;
const LEVELS: readonly string[] = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'];

/** `/admin/loggers` (KIP-495, cluster scope KIP-976). */
export function loggerRoutes({ clock, levels, stores }: RestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/loggers',
      handle: async () => json(200, Object.fromEntries(levels.list().map((each) => [each.logger, describe(each)]))),
    },
    {
      method: 'GET',
      path: '/admin/loggers/:logger',
      handle: async ({ params }) => {
        const found = levels.list().find(({ logger }) => logger === params.logger);
        if (found === undefined) throw new RestException(404, `Logger ${params.logger} not found.`);
        return json(200, describe(found));
      },
    },
    {
      method: 'PUT',
      path: '/admin/loggers/:logger',
      handle: async ({ body, params, query }) => {
        const namespace = params.logger as string;
        const given = readObject(body).level ?? null;
        if (namespace.length > MAX_NAMESPACE) throw new BadRequestException(`a logger's name has at most ${MAX_NAMESPACE} characters`);
        if (given === null) throw new BadRequestException("Desired 'level' parameter was not specified in request.");
        const level = String(given).toUpperCase();
        if (!LEVELS.includes(level)) {
          throw new RestException(404, `invalid log level '${String(given)}'.`, { problem: `allowed levels: ${LEVELS.join(', ')}` });
        }
        const changedAtMs = clock.now();
        const affected = affectedLoggers(namespace, levels.list());
        for (const logger of affected) levels.set(logger, level, changedAtMs);
        if (query.get('scope')?.toLowerCase() !== 'cluster') return json(200, affected);
        await stores.loggers.set({ logger: namespace, level, changedAtMs });
        return empty(204);
      },
    },
  ];
}

function describe({ changedAtMs, level }: LevelOfLogger): { level: string; last_modified: number | null } {
  return { level, last_modified: changedAtMs };
}

/** The namespace and those below it that are known; `root` is above all. */
export function affectedLoggers(namespace: string, known: readonly LevelOfLogger[]): string[] {
  const below = known.map(({ logger }) => logger).filter((logger) => namespace === 'root' || logger.startsWith(`${namespace}.`));
  return [...new Set([namespace, ...below])].sort();
}
