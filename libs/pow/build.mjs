// Compiles the kernels under assembly/ to build/*.wasm, each twice: with 128-bit SIMD and without. Skips when nothing
// changed since the last build; `--force` compiles anyway.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const assembly = join(here, 'assembly');
const out = join(here, 'build');

// Pages of 64 KiB; the kernel's memory neither starts smaller nor grows. The kernel traps at start when they are too few.
const KERNELS = [
  { name: 'sha256d', pages: 70 },
  { name: 'scrypt', pages: 74 },
];
const MODES = [
  { mode: 'simd', flags: ['--enable', 'simd'] },
  { mode: 'scalar', flags: ['--disable', 'simd'] },
];

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [
    ...readdirSync(assembly)
      .sort()
      .map((name) => join(assembly, name)),
    join(here, 'build.mjs'),
  ]) {
    hash.update(file.slice(here.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  const compiler = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('assemblyscript/package.json')), 'utf8'));
  return hash.update(compiler.version).digest('hex');
}

const wanted = fingerprint();
const stamp = join(out, 'stamp');
const files = KERNELS.flatMap(({ name }) => MODES.map(({ mode }) => join(out, `${name}.${mode}.wasm`)));
const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && files.every((file) => existsSync(file));

if (!fresh || process.argv.includes('--force')) {
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(out, { recursive: true });
  for (const { name, pages } of KERNELS) {
    for (const { mode, flags } of MODES) {
      const memory = ['--initialMemory', String(pages), '--maximumMemory', String(pages)];
      const optimise = ['-O3', '--converge', '--noAssert', '--runtime', 'stub'];
      const file = `${name}.${mode}.wasm`;
      const { error, stderr } = await asc.main(
        [`${name}.ts`, '--baseDir', assembly, '--outFile', file, ...optimise, ...memory, ...flags],
        {
          // Written beside and renamed, so that a reader never sees half a file.
          writeFile(path, contents) {
            const temporary = join(out, `${path}.${process.pid}`);
            writeFileSync(temporary, contents);
            renameSync(temporary, join(out, path));
          },
        },
      );
      if (error) {
        console.error(stderr.toString());
        console.error(`libs/pow: compiling ${file} failed: ${error.message}`);
        process.exit(1);
      }
    }
  }
  writeFileSync(stamp, wanted);
  console.log(`libs/pow: compiled ${files.length} kernels`);
}
