/** Units of CloudWatch that are used here. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
export type MetricUnit = 'Count' | 'Milliseconds' | 'Bytes';

/** Metrics that are published with the same dimensions. */
export interface MetricGroup {
  readonly namespace: string;
  /** Names of the members that are the dimensions. */
  readonly dimensions: readonly string[];
  readonly metrics: readonly { readonly name: string; readonly unit: MetricUnit }[];
}

/**
 * A log line out of which CloudWatch makes metrics (embedded metric format), without its line end: no call, no client, no waiting. `members`
 * holds dimensions (texts), values (numbers) and whatever else is to be found in the log. Groups without metrics are left out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(groups: readonly MetricGroup[], members: Readonly<Record<string, string | number>>, nowMs: number): string {
  const directives = groups
    .filter(({ metrics }) => metrics.length > 0)
    .map(({ namespace, dimensions, metrics }) => ({
      Namespace: namespace,
      Dimensions: [dimensions],
      Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
    }));
  return JSON.stringify({ _aws: { Timestamp: nowMs, CloudWatchMetrics: directives }, ...members });
}
