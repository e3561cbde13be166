import { connectorConfigRoutes } from './connector-config.ts';
import { connectorStatusRoutes } from './connector-status.ts';
import { connectorRoutes } from './connectors.ts';
import type { Route } from './exchange.ts';
import { healthRoutes } from './health.ts';
import { loggerRoutes } from './loggers.ts';
import { offsetRoutes } from './offsets.ts';
import { pluginRoutes } from './plugins.ts';
import type { RestDeps } from './rest-deps.ts';
import { restartRoutes } from './restart.ts';
import { rootRoutes } from './root.ts';
import { createRouter, type RestHandler } from './router.ts';
import { targetStateRoutes } from './target-state.ts';
import { taskRoutes } from './tasks.ts';
import { topicRoutes } from './topics.ts';
import { Turns } from './turns.ts';

/** What whoever serves the API gives it. */
export type RestApiOptions = Omit<RestDeps, 'turns' | 'deployment' | 'hideSecrets'> & Partial<Pick<RestDeps, 'deployment' | 'hideSecrets'>>;

/** Connect's REST API. */
export function createRestApi(given: RestApiOptions): RestHandler {
  const deps: RestDeps = { deployment: null, hideSecrets: (text) => text, ...given, turns: new Turns() };
  const routes: Route[] = [
    ...rootRoutes(deps),
    ...healthRoutes(deps),
    ...connectorRoutes(deps),
    ...connectorConfigRoutes(deps),
    ...connectorStatusRoutes(deps),
    ...targetStateRoutes(deps),
    ...restartRoutes(deps),
    ...taskRoutes(deps),
    ...topicRoutes(deps),
    ...offsetRoutes(deps),
    ...pluginRoutes(deps),
    ...loggerRoutes(deps),
  ];
  return createRouter(routes, deps.logger, deps.hideSecrets);
}
