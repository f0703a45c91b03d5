// Lets Node run this package's TypeScript as it stands, in a process or thread started from the sources: tests need no build.
// A built package never loads it. Translations are kept beside the other caches in node_modules, by their content.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath } from 'node:url';

const isHook = import.meta.url.endsWith('?hook');
if (!isHook) register(`${import.meta.url}?hook`);

const cache = new URL('../../../node_modules/.cache/assay-transpiled/', import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  const file = new URL(`${createHash('sha256').update(url).update(source).digest('hex')}.js`, cache);
  return { format: 'module', shortCircuit: true, source: cached(file) ?? translated(source, file) };
}

function cached(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function translated(source, file) {
  const ts = createRequire(import.meta.url)('typescript');
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  mkdirSync(cache, { recursive: true });
  // Renamed into place: a process started meanwhile never reads half a file.
  const part = new URL(`${file.href}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  writeFileSync(part, outputText);
  renameSync(part, file);
  return outputText;
}
