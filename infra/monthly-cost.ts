import { type ConnectorPlan, reservedConcurrencyOf } from './connector-plan.ts';

/** Prices of us-east-1 in USD, without free tiers. https://aws.amazon.com/lambda/pricing/, …/dynamodb/pricing/on-demand/, …/eventbridge/pricing/ */
const PRICE = {
  gbSecond: 0.0000133334,
  request: 0.2e-6,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  tick: 1e-6,
  eventPollerUnitHour: 0.185,
  workerMonth: 36.04,
};
const MONTH_HOURS = 730;
const POLLERS_PER_UNIT = 10;
/** What an idle tick takes and costs at most (design: budgets). */
const IDLE = { ms: 150, writeUnits: 2, readUnits: 3 };
/** A third of what `npm run bench` shows for JDBC on one core, for databases are not on the same machine; less memory has less of a core. */
const RECORDS_PER_CORE_SECOND = 20_000;
const CORE_MB = 1769;
/** Offsets are committed once in so many records at full speed. */
const RECORDS_PER_COMMIT = 5_000;

/** What a connector is expected to cost, with the figures it was computed from. */
export interface MonthlyCost {
  /** USD a month while there is nothing to move. */
  readonly idle: number;
  /** USD per million records. */
  readonly perMillion: number;
  readonly inputs: string;
  readonly hints: readonly string[];
}

/** Expected cost of a connector. */
export function monthlyCost(plan: ConnectorPlan): MonthlyCost {
  const { lambda, tasksMax } = plan;
  const memoryMb = lambda.getNumber('lambda.memory.mb');
  const gb = memoryMb / 1024;
  const hints: string[] = [];
  let idle: number;
  let perInvocation: number;
  let inputs: string;
  if (plan.trigger === 'schedule') {
    const ticks = ticksPerMonth(lambda.getText('lambda.schedule'));
    const { ms, writeUnits, readUnits } = IDLE;
    const perTick =
      (ms / 1000) * gb * PRICE.gbSecond + PRICE.request + PRICE.tick + writeUnits * PRICE.writeUnit + readUnits * PRICE.readUnit;
    idle = ticks * perTick * (tasksMax > 1 ? tasksMax + 1 : 1);
    perInvocation = RECORDS_PER_COMMIT;
    inputs = `${Math.round(ticks)} ticks of ${ms} ms at ${memoryMb} MB, ${writeUnits} WRU and ${readUnits} RRU each`;
  } else {
    const units = eventPollerUnits(plan);
    idle = units * PRICE.eventPollerUnitHour * MONTH_HOURS;
    perInvocation = lambda.getNumber('lambda.batch.size');
    inputs = units === 0 ? 'pollers on demand cost nothing' : `${units} event poller units at $${PRICE.eventPollerUnitHour} an hour`;
    if (idle > PRICE.workerMonth) {
      hints.push(`a standing worker (1 vCPU, 2 GB) costs about $${PRICE.workerMonth.toFixed(0)} a month, less than provisioned pollers`);
    }
  }
  const seconds = 1e6 / (RECORDS_PER_CORE_SECOND * Math.min(1, memoryMb / CORE_MB));
  const invocations = 1e6 / perInvocation;
  const perMillion = seconds * gb * PRICE.gbSecond + invocations * (PRICE.request + PRICE.writeUnit);
  const standing = (PRICE.workerMonth / perMillion) * 1e6;
  hints.push(`beyond ${short(standing)} records a month a standing worker is cheaper`);
  const running = plan.manifest.kind === 'source' ? tasksMax : (reservedConcurrencyOf(plan) ?? tasksMax);
  const perTask = plan.manifest.connectionsPerTask;
  const target = plan.manifest.kind === 'source' ? 'the source' : 'the target';
  if (perTask !== undefined) hints.push(`at most ${running} × ${perTask} = ${running * perTask} connections to ${target}`);
  return { idle, perMillion, inputs: `${inputs}; ${perInvocation} records per ${plan.trigger === 'event' ? 'batch' : 'commit'}`, hints };
}

/** A unit holds ten pollers; mappings of one group share units. https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html */
function eventPollerUnits({ lambda, topics }: ConnectorPlan): number {
  const min = lambda.get('lambda.pollers.min') as number | null;
  if (min === null && lambda.get('lambda.pollers.max') === null) return 0;
  const pollers = min ?? 1;
  const isGrouped = lambda.getString('lambda.pollers.group') !== null;
  return isGrouped ? Math.ceil((pollers * topics.length) / POLLERS_PER_UNIT) : Math.ceil(pollers / POLLERS_PER_UNIT) * topics.length;
}

/** Lines for the terminal, one connector after the other. */
export function costReport(
  pipeline: string,
  connectors: readonly { plan: ConnectorPlan; bundle: { bytes: number; gzipBytes: number } }[],
): string {
  const lines = connectors.flatMap(({ plan, bundle }) => {
    const { idle, perMillion, inputs, hints } = monthlyCost(plan);
    const size = `${Math.round(bundle.bytes / 1000)} kB, ${Math.round(bundle.gzipBytes / 1000)} kB compressed`;
    return [
      `  ${plan.name}: $${idle.toFixed(2)} a month at idle, $${perMillion.toFixed(3)} per million records (${inputs})`,
      `    ${hints.join('; ')}; bundle ${size}`,
    ];
  });
  return [`${pipeline}: expected cost, us-east-1, without free tiers; table, queue and alarms apart`, ...lines].join('\n');
}

/** Ticks of an average month of 730 hours. */
export function ticksPerMonth(expression: string): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const unitHours = { minute: 1 / 60, hour: 1, day: 24 };
  if (rate !== null) return MONTH_HOURS / (Number(rate[1]) * unitHours[rate[2] as keyof typeof unitHours]);
  const [minutes = '*', hours = '*', days = '*', months = '*', weekdays = '*'] = expression.slice(5, -1).split(' ');
  const daysAMonth = MONTH_HOURS / 24;
  const share = count(days, 31) * (count(weekdays, 7) / 7) * (count(months, 12) / 12);
  return count(minutes, 60) * count(hours, 24) * Math.min(daysAMonth, (share * daysAMonth) / 31);
}

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** How many values of a cron field match, of so many. */
function count(field: string, of: number): number {
  if (field === '*' || field === '?') return of;
  return field.split(',').reduce((sum, part) => {
    const [range = '', step = '1'] = part.split('/');
    const [from = '', to] = range.split('-').map((value) => (DAYS.includes(value) ? String(DAYS.indexOf(value)) : value));
    const size = range === '*' ? of : to !== undefined ? Number(to) - Number(from) + 1 : part.includes('/') ? of - Number(from || 0) : 1;
    return sum + Math.ceil((Number.isNaN(size) ? 1 : size) / Number(step));
  }, 0);
}

function short(records: number): string {
  return records >= 1e9 ? `${(records / 1e9).toFixed(1)} billion` : `${Math.round(records / 1e6)} million`;
}
