/** Names of Connect's logical types: a schema with one of these names takes only the logical class as value. */
export const DECIMAL_NAME = 'org.apache.kafka.connect.data.Decimal';
export const DATE_NAME = 'org.apache.kafka.connect.data.Date';
export const TIME_NAME = 'org.apache.kafka.connect.data.Time';
export const TIMESTAMP_NAME = 'org.apache.kafka.connect.data.Timestamp';
