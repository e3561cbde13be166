/** How often a lease is renewed, as a share of its length: three chances before it ends. */
export const RENEWALS_PER_LEASE = 3;
/** A poll that answers at once with nothing and no hint is not asked again sooner than this. */
export const EMPTY_POLL_PAUSE_MS = 50;
/** First and longest wait between two attempts against something that is down (full jitter in between). */
export const OUTAGE_BACKOFF_MS = 200;
export const OUTAGE_BACKOFF_MAX_MS = 10_000;
/** Records gathered while one batch is on its way to Kafka, before the next is sent. */
export const SEND_BATCH_RECORDS = 2_000;
/** What one fetch of a sink may bring. */
export const FETCH_BYTES = 4 * 1024 * 1024;
/** How long an idle fetch waits for a first record. */
export const FETCH_WAIT_MS = 500;
/** A tick with less time than this for work is refused. */
export const LEAST_WORK_MS = 1_000;
/** How many answers a watermark remembers (design §3). */
export const REMEMBERED_ANSWERS = 8;
