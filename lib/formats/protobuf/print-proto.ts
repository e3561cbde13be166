import type { OptionValue, ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoOption } from './proto-file.ts';

/** A file as text, laid out as Confluent's converter registers it. */
export function printProto(file: ProtoFile): string {
  const lines = [`syntax = "${file.syntax}";`];
  if (file.packageName !== '') lines.push(`package ${file.packageName};`);
  if (file.imports.length > 0) lines.push('', ...file.imports.map((path) => `import "${path}";`));
  if (file.options.length > 0) lines.push('', ...file.options.map((option) => `option ${optionText(option)};`));
  lines.push('', ...file.messages.flatMap(messageLines), ...file.enums.flatMap(enumLines));
  return `${lines.join('\n')}\n`;
}

function messageLines(message: ProtoMessage): string[] {
  const parts = [
    message.options.map((option) => `option ${optionText(option)};`),
    message.fields.flatMap(fieldLines),
    message.oneofs.flatMap(({ name, fields }) => [`oneof ${name} {`, ...indented(fields.flatMap(fieldLines)), '}']),
    [...message.messages.flatMap(messageLines), ...message.enums.flatMap(enumLines)],
  ].filter((lines) => lines.length > 0);
  const inner = parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  return inner.length === 0 ? [`message ${message.name} {}`] : [`message ${message.name} {`, ...indented(inner), '}'];
}

function enumLines({ name, options, values }: ProtoEnum): string[] {
  const lines = [...options.map((option) => `option ${optionText(option)};`), ...values.map((value) => `${value.name} = ${value.number};`)];
  return [`enum ${name} {`, ...indented(lines), '}'];
}

function fieldLines({ name, number, type, label, options }: ProtoField): string[] {
  const shown = options.length === 0 ? '' : ` [${options.map(optionText).join(', ')}]`;
  return `${label === null ? '' : `${label} `}${type} ${name} = ${number}${shown};`.split('\n');
}

function optionText({ name, value }: ProtoOption): string {
  return `${name} = ${valueText(value)}`;
}

function valueText(value: OptionValue): string {
  switch (value.kind) {
    case 'word':
      return value.text;
    case 'text':
      return `"${value.text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
    case 'list':
      return `[\n${indented(value.values.map(valueText).join(',\n').split('\n')).join('\n')}\n]`;
    case 'message': {
      const members = value.members.map(([name, member]) => `${name}: ${valueText(member)}`);
      return `{\n${indented(members.join(',\n').split('\n')).join('\n')}\n}`;
    }
  }
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}
