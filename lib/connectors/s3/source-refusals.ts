type Props = Readonly<Record<string, string>>;

/** What a configuration asks for that Confluent's connector does and this one cannot. */
export function sourceRefusals(props: Props): readonly { readonly key: string; readonly message: string }[] {
  const found: { key: string; message: string }[] = [];
  if ((props['s3.proxy.url'] ?? '').trim() !== '') {
    found.push({ key: 's3.proxy.url', message: 'a proxy cannot be used here; reach S3 directly or through a gateway endpoint of the VPC' });
  }
  return found;
}
