/** Where Kafka put a record. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** −1 when the broker did not tell. */
  readonly offset: number;
  /** Milliseconds since the epoch; null when the broker did not tell. */
  readonly timestamp: number | null;
}
