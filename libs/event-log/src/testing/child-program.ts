// Builds and runs the second program of an adapter's test: plain Node cannot run our TypeScript, so the child is bundled once into one file. The
// bundle goes below node_modules, from where what is not bundled (lmdb, kafkajs, native packages) still resolves.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url));

export interface ChildProgram {
  /** The bundled file, for a Worker. */
  readonly file: string;
  /** Starts it in a process of its own. `wrap` is a command that gets `node file args...` appended. */
  run(args: readonly string[], wrap?: readonly string[]): RunningChild;
  remove(): Promise<void>;
}

export interface RunningChild {
  readonly process: ChildProcess;
  /** Whole lines printed so far. */
  readonly lines: string[];
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal that ended it, when all its output is in. */
  readonly ended: Promise<number | string>;
}

export async function buildChild(source: URL): Promise<ChildProgram> {
  await mkdir(CACHE, { recursive: true });
  const dir = await mkdtemp(join(CACHE, 'assay-child-'));
  const outDir = join(dir, 'bundle');
  // What a package reads beside its sources, its version for one, is read beside the bundle.
  await writeFile(join(dir, 'package.json'), '{ "type": "module", "version": "0.0.0" }');
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@assay/source', 'node', 'import', 'default'] },
    ssr: {
      noExternal: [/^@assay\//],
      external: ['lmdb', 'kafkajs', 'snappy', 'lz4-napi'],
      resolve: { conditions: ['@assay/source', 'node', 'import', 'default'] },
    },
    build: {
      ssr: fileURLToPath(source),
      outDir,
      minify: false,
      rollupOptions: { output: { entryFileNames: 'child.mjs', format: 'es' } },
    },
  });
  const file = join(outDir, 'child.mjs');
  return {
    file,
    run: (args, wrap = []) => run([...wrap, process.execPath, file, ...args]),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function run(command: readonly string[]): RunningChild {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const read = new Promise<void>((resolve) => reader.on('close', resolve));
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => void read.then(() => resolve(code ?? signal ?? 'unknown')));
  });
  return { process: child, lines, stderr: () => stderr, ended };
}

/** Waits for a condition, looking again every few milliseconds; fails naming `what` after 25 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 25_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 25 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
