/** Everything that a plug-in's module exports; `module` as manifests have it, relative to `lib`. */
export async function pluginExports(module: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(/* @vite-ignore */ `../../lib/${module}`)) as Record<string, unknown>;
}

/** The runnable examples that a plug-in's module exports: the one export whose name ends with `Examples`. */
export async function pluginExamples<T>(module: string): Promise<readonly T[]> {
  const exported = await pluginExports(module);
  return (Object.entries(exported).find(([name]) => name.endsWith('Examples'))?.[1] ?? []) as readonly T[];
}
