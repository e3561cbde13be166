/** Prices of us-east-1, November 2026, in USD (sources: reference pages of Lambda, DynamoDB and EventBridge Scheduler). */
const PRICE = { gbSecondArm: 0.0000133334, request: 0.2e-6, writeUnit: 0.625e-6, readUnit: 0.125e-6, schedule: 1e-6 };
const MEMORY_GB = 0.5;
/** An idle tick: init is rare, the handler takes about this long. */
const IDLE_TICK_MS = 60;
/** What an idle tick reads and writes (design: at most 3 and 2). */
const IDLE_READ_UNITS = 3;
const IDLE_WRITE_UNITS = 2;

/** What the example would cost in a month. */
export function monthlyCost(load: {
  readonly sourceTicks: number;
  readonly sinkInvocations: number;
  readonly sourceBusyMs: number;
  readonly sinkBusyMs: number;
}): string {
  const compute = ((load.sourceTicks * IDLE_TICK_MS + load.sourceBusyMs + load.sinkBusyMs) / 1000) * MEMORY_GB * PRICE.gbSecondArm;
  const requests = (load.sourceTicks + load.sinkInvocations) * PRICE.request;
  const state = load.sourceTicks * (IDLE_READ_UNITS * PRICE.readUnit + IDLE_WRITE_UNITS * PRICE.writeUnit);
  const schedule = load.sourceTicks * PRICE.schedule;
  const total = compute + requests + state + schedule;
  return `$${total.toFixed(2)} (Lambda ${(compute + requests).toFixed(2)}, DynamoDB ${state.toFixed(2)}, Scheduler ${schedule.toFixed(2)}; Kafka itself not counted)`;
}
