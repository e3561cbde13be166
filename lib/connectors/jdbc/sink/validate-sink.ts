import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { sinkConfigDef } from '../sink-config.ts';
import { checkConnection, Findings } from '../validation.ts';

/** Rules between the keys of a sink, with Confluent's texts; at last the connection is tried. */
export async function validateSink(props: ConnectorProps): Promise<ConfigValidation> {
  const findings = new Findings(sinkConfigDef, props);
  if (/^true$/i.test((props['delete.enabled'] ?? '').trim()) && (props['pk.mode'] ?? 'none').trim().toLowerCase() !== 'record_key') {
    findings.add('Deletes are only supported for pk.mode record_key', 'delete.enabled', 'pk.mode');
  }
  await checkConnection(findings, sinkConfigDef, props);
  return findings.answer();
}
