/** Connect's metrics group `task-error-metrics` of one task: totals since the task started. */
export class TaskErrorMetrics {
  recordFailures = 0;
  recordErrors = 0;
  recordsSkipped = 0;
  retries = 0;
  errorsLogged = 0;
  deadLetterQueueProduceRequests = 0;
  deadLetterQueueProduceFailures = 0;
  /** Wall clock ms of the last failure; 0 = none yet. */
  lastErrorTimestamp = 0;

  /** The figures under Connect's metric names. */
  snapshot(): Readonly<Record<string, number>> {
    return {
      'total-record-failures': this.recordFailures,
      'total-record-errors': this.recordErrors,
      'total-records-skipped': this.recordsSkipped,
      'total-retries': this.retries,
      'total-errors-logged': this.errorsLogged,
      'deadletterqueue-produce-requests': this.deadLetterQueueProduceRequests,
      'deadletterqueue-produce-failures': this.deadLetterQueueProduceFailures,
      'last-error-timestamp': this.lastErrorTimestamp,
    };
  }
}
