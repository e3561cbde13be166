import { KafkaException, ProducerFencedException } from '../errors.ts';

interface ErrorCode {
  readonly name: string;
  readonly retriable: boolean;
  /** Simple name of Java's class in `org.apache.kafka.common.errors`. */
  readonly javaClass: string;
}

const bad = (name: string, javaClass: string): ErrorCode => ({ name, retriable: false, javaClass });
const passing = (name: string, javaClass: string): ErrorCode => ({ name, retriable: true, javaClass });

/** Codes of the Kafka protocol that the requests of this project can get (`org.apache.kafka.common.protocol.Errors`). */
const CODES: Readonly<Record<number, ErrorCode>> = {
  [-1]: bad('UNKNOWN_SERVER_ERROR', 'UnknownServerException'),
  1: bad('OFFSET_OUT_OF_RANGE', 'OffsetOutOfRangeException'),
  2: passing('CORRUPT_MESSAGE', 'CorruptRecordException'),
  3: passing('UNKNOWN_TOPIC_OR_PARTITION', 'UnknownTopicOrPartitionException'),
  4: bad('INVALID_FETCH_SIZE', 'InvalidFetchSizeException'),
  5: passing('LEADER_NOT_AVAILABLE', 'LeaderNotAvailableException'),
  6: passing('NOT_LEADER_OR_FOLLOWER', 'NotLeaderOrFollowerException'),
  7: passing('REQUEST_TIMED_OUT', 'TimeoutException'),
  8: passing('BROKER_NOT_AVAILABLE', 'BrokerNotAvailableException'),
  9: passing('REPLICA_NOT_AVAILABLE', 'ReplicaNotAvailableException'),
  10: bad('MESSAGE_TOO_LARGE', 'RecordTooLargeException'),
  12: bad('OFFSET_METADATA_TOO_LARGE', 'OffsetMetadataTooLarge'),
  13: passing('NETWORK_EXCEPTION', 'NetworkException'),
  14: passing('COORDINATOR_LOAD_IN_PROGRESS', 'CoordinatorLoadInProgressException'),
  15: passing('COORDINATOR_NOT_AVAILABLE', 'CoordinatorNotAvailableException'),
  16: passing('NOT_COORDINATOR', 'NotCoordinatorException'),
  17: bad('INVALID_TOPIC_EXCEPTION', 'InvalidTopicException'),
  18: bad('RECORD_LIST_TOO_LARGE', 'RecordBatchTooLargeException'),
  19: passing('NOT_ENOUGH_REPLICAS', 'NotEnoughReplicasException'),
  20: passing('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NotEnoughReplicasAfterAppendException'),
  21: bad('INVALID_REQUIRED_ACKS', 'InvalidRequiredAcksException'),
  22: bad('ILLEGAL_GENERATION', 'IllegalGenerationException'),
  24: bad('INVALID_GROUP_ID', 'InvalidGroupIdException'),
  25: bad('UNKNOWN_MEMBER_ID', 'UnknownMemberIdException'),
  27: passing('REBALANCE_IN_PROGRESS', 'RebalanceInProgressException'),
  28: bad('INVALID_COMMIT_OFFSET_SIZE', 'InvalidCommitOffsetSizeException'),
  29: bad('TOPIC_AUTHORIZATION_FAILED', 'TopicAuthorizationException'),
  30: bad('GROUP_AUTHORIZATION_FAILED', 'GroupAuthorizationException'),
  31: bad('CLUSTER_AUTHORIZATION_FAILED', 'ClusterAuthorizationException'),
  32: bad('INVALID_TIMESTAMP', 'InvalidTimestampException'),
  33: bad('UNSUPPORTED_SASL_MECHANISM', 'UnsupportedSaslMechanismException'),
  34: bad('ILLEGAL_SASL_STATE', 'IllegalSaslStateException'),
  35: bad('UNSUPPORTED_VERSION', 'UnsupportedVersionException'),
  36: bad('TOPIC_ALREADY_EXISTS', 'TopicExistsException'),
  37: bad('INVALID_PARTITIONS', 'InvalidPartitionsException'),
  38: bad('INVALID_REPLICATION_FACTOR', 'InvalidReplicationFactorException'),
  39: bad('INVALID_REPLICA_ASSIGNMENT', 'InvalidReplicaAssignmentException'),
  40: bad('INVALID_CONFIG', 'InvalidConfigurationException'),
  41: passing('NOT_CONTROLLER', 'NotControllerException'),
  42: bad('INVALID_REQUEST', 'InvalidRequestException'),
  43: bad('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UnsupportedForMessageFormatException'),
  44: bad('POLICY_VIOLATION', 'PolicyViolationException'),
  45: bad('OUT_OF_ORDER_SEQUENCE_NUMBER', 'OutOfOrderSequenceException'),
  46: bad('DUPLICATE_SEQUENCE_NUMBER', 'DuplicateSequenceException'),
  47: bad('INVALID_PRODUCER_EPOCH', 'InvalidProducerEpochException'),
  48: bad('INVALID_TXN_STATE', 'InvalidTxnStateException'),
  49: bad('INVALID_PRODUCER_ID_MAPPING', 'InvalidPidMappingException'),
  50: bad('INVALID_TRANSACTION_TIMEOUT', 'InvalidTxnTimeoutException'),
  51: passing('CONCURRENT_TRANSACTIONS', 'ConcurrentTransactionsException'),
  52: bad('TRANSACTION_COORDINATOR_FENCED', 'TransactionCoordinatorFencedException'),
  53: bad('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'TransactionalIdAuthorizationException'),
  54: bad('SECURITY_DISABLED', 'SecurityDisabledException'),
  55: bad('OPERATION_NOT_ATTEMPTED', 'OperationNotAttemptedException'),
  56: passing('KAFKA_STORAGE_ERROR', 'KafkaStorageException'),
  57: bad('LOG_DIR_NOT_FOUND', 'LogDirNotFoundException'),
  58: bad('SASL_AUTHENTICATION_FAILED', 'SaslAuthenticationException'),
  59: bad('UNKNOWN_PRODUCER_ID', 'UnknownProducerIdException'),
  68: bad('NON_EMPTY_GROUP', 'GroupNotEmptyException'),
  69: bad('GROUP_ID_NOT_FOUND', 'GroupIdNotFoundException'),
  72: passing('LISTENER_NOT_FOUND', 'ListenerNotFoundException'),
  74: passing('FENCED_LEADER_EPOCH', 'FencedLeaderEpochException'),
  75: passing('UNKNOWN_LEADER_EPOCH', 'UnknownLeaderEpochException'),
  76: bad('UNSUPPORTED_COMPRESSION_TYPE', 'UnsupportedCompressionTypeException'),
  78: passing('OFFSET_NOT_AVAILABLE', 'OffsetNotAvailableException'),
  80: passing('PREFERRED_LEADER_NOT_AVAILABLE', 'PreferredLeaderNotAvailableException'),
  82: bad('FENCED_INSTANCE_ID', 'FencedInstanceIdException'),
  87: bad('INVALID_RECORD', 'InvalidRecordException'),
  88: passing('UNSTABLE_OFFSET_COMMIT', 'UnstableOffsetCommitException'),
  89: passing('THROTTLING_QUOTA_EXCEEDED', 'ThrottlingQuotaExceededException'),
  90: bad('PRODUCER_FENCED', 'ProducerFencedException'),
  120: bad('TRANSACTION_ABORTABLE', 'TransactionAbortableException'),
};

/** The protocol's name of a code; `UNKNOWN_ERROR_<n>` for one that is newer than this table. */
export function errorName(code: number): string {
  return CODES[code]?.name ?? `UNKNOWN_ERROR_${code}`;
}

/** True when the same request may succeed later. Codes that are newer than the table are not. */
export function isRetriableCode(code: number): boolean {
  return CODES[code]?.retriable ?? false;
}

/** The exception of an error code. `what` = what was tried, in lower case; `detail` = the broker's own words. */
export function exceptionOf(code: number, what: string, detail?: string | null): KafkaException {
  const name = errorName(code);
  const message = `${what}: ${name}${detail ? ` (${detail})` : ''}`;
  if (name === 'PRODUCER_FENCED' || name === 'INVALID_PRODUCER_EPOCH') return new ProducerFencedException(message, { kafkaCode: name });
  const known = CODES[code] ?? { retriable: false, javaClass: 'UnknownServerException' };
  return new KafkaException(message, {
    kafkaCode: name,
    retriable: known.retriable,
    javaClass: `org.apache.kafka.common.errors.${known.javaClass}`,
  });
}
