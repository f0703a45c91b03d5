// What every command of this repository stands on: a fresh clone with only Node and npm becomes a working one here.
// Plain Node, no dependencies: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];

export function say(text) {
  process.stderr.write(`assay: ${text}\n`);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  say(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Runs a command in the repository to its end, its output passed through (or to stderr), and ends this process when it fails. */
export function run(command, args, { quietOutput = false, env = process.env } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', quietOutput ? 'pipe' : process.stderr, 'inherit'],
  });
  if (result.status === 0) return;
  if (quietOutput && result.stdout) process.stderr.write(result.stdout);
  say(
    `'${[command, ...args].join(' ')}' failed${result.error ? `: ${result.error.message}` : ` with status ${result.status}`}.`,
  );
  process.exit(result.status || 1);
}

/** The path of an installed package's command. */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

/** Installs the locked dependencies when they are missing or the lock file has changed. */
export function ensureInstalled() {
  refuseOldNode();
  const stamp = join(root, 'node_modules', '.assay-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing the locked dependencies (about a minute; some 300 MB, most of it the ClickHouse engine) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** Builds what has changed: WASM kernels, dashboard, TypeScript. */
export function ensureBuilt() {
  say('building what has changed ...');
  run(bin('nx'), ['run-many', '-t', 'wasm', 'bundle', 'compile', '--outputStyle=static'], {
    quietOutput: true,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
  });
}

/** Replaces this process, as far as Node can: runs a script with our terminal, passes signals on, and ends with its status. */
export function become(script, args, nodeOptions = ['--enable-source-maps']) {
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to the child as well; the child takes signals that come together for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) say(`the process was ended by ${signal}.`);
    process.exit(signal ? 1 : (code ?? 1));
  });
}
