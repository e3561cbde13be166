/** One metric as CloudWatch would store it. */
export interface StoredMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Reads one line in embedded metric format as CloudWatch does. Throws Error for what its specification does not allow:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function readMetricLine(line: string): StoredMetric[] {
  const check: (claim: boolean, what: string) => asserts claim = (claim, what) => {
    if (!claim) throw new Error(`${what}: ${line}`);
  };
  check(!line.includes('\n') && Buffer.byteLength(line) <= 1_048_576, 'one line of at most 1 MB');
  const root = JSON.parse(line) as Record<string, unknown>;
  const { _aws: metadata } = root;
  check(typeof metadata === 'object' && metadata !== null, '_aws is an object');
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = metadata as Record<string, unknown>;
  check(Number.isInteger(timestamp) && (timestamp as number) > 0, 'Timestamp is in milliseconds');
  check(Array.isArray(directives) && directives.length > 0, 'there is a directive');
  return (directives as Record<string, unknown>[]).flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics, ...others }) => {
    check(Object.keys(others).length === 0, 'directives have three members');
    check(typeof namespace === 'string' && /^[A-Za-z0-9_.\-/#:]{1,255}$/.test(namespace), 'Namespace');
    check(Array.isArray(sets) && sets.length > 0, 'Dimensions');
    check(Array.isArray(metrics) && metrics.length > 0 && metrics.length <= 100, 'one to a hundred metrics');
    return (sets as unknown[]).flatMap((set) => {
      check(Array.isArray(set) && set.length <= 30, 'at most thirty dimensions');
      const dimensions = Object.fromEntries(
        (set as string[]).map((key) => {
          const value = root[key];
          check(typeof value === 'string' && value.length > 0 && value.length <= 1024, `dimension ${key} is a text`);
          return [key, value];
        }),
      );
      return (metrics as Record<string, unknown>[]).map(({ Name: name, Unit: unit, ...more }) => {
        check(typeof name === 'string' && name.length > 0 && name.length <= 1024, 'metric name');
        check(Object.keys(more).length === 0, 'metrics have a name and a unit');
        check(['Count', 'Milliseconds', 'Bytes', 'None'].includes(String(unit)), 'unit');
        const value = root[name];
        check(typeof value === 'number' && Number.isFinite(value), `value of ${name} is a number`);
        return { namespace, name, unit: String(unit), value, dimensions };
      });
    });
  });
}
