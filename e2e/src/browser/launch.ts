// Finds a Chromium and starts it: the one named in ASSAY_CHROMIUM, one of the system's, or the one that comes inside an npm package, so
// that the browser tests run on a machine with nothing but Node and npm.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream, existsSync } from 'node:fs';
import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser, or undefined when this machine truly has none; why each candidate failed is written to stderr. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const named = process.env['ASSAY_CHROMIUM'];
  // Whoever names a browser wants that one and no other.
  if (named) return start(named);
  for (const name of SYSTEM_NAMES) {
    const path = await findInPath(name);
    const browser = path && (await tryToStart(path));
    if (browser) return browser;
  }
  return startPackaged();
}

/** For tests that are left out where there is none, which CI does not allow. @param untested what is then not tested */
export async function launchBrowserOrSkip(untested: string): Promise<Browser | undefined> {
  const browser = await launchBrowser();
  if (browser) return browser;
  const reason = `NO BROWSER: ${untested} is not tested. Install chromium, or name one in ASSAY_CHROMIUM.`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  process.stderr.write(`\n*** ${reason} ***\n\n`);
  return undefined;
}

function start(executablePath: string, env: Record<string, string> = {}): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: FLAGS, env: { ...definedEnv(), ...env } });
}

async function tryToStart(executablePath: string, env: Record<string, string> = {}): Promise<Browser | undefined> {
  try {
    return await start(executablePath, env);
  } catch (error) {
    process.stderr.write(`${executablePath} does not start: ${String(error).split('\n').slice(0, 3).join(' ')}\n`);
    return undefined;
  }
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function findInPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The Chromium of @sparticuz/chromium (Linux, x64). With the system's libraries where they are, else with those it brings. */
async function startPackaged(): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  let unpacked: UnpackedChromium;
  try {
    unpacked = await unpackChromium();
  } catch (error) {
    process.stderr.write(`the packaged Chromium cannot be unpacked: ${String(error)}\n`);
    return undefined;
  }
  const { executable, libraries, fontsConfig } = unpacked;
  const fonts: Record<string, string> = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_FILE: fontsConfig };
  const inherited = process.env['LD_LIBRARY_PATH'];
  return (
    (await tryToStart(executable, fonts)) ??
    (await tryToStart(executable, { ...fonts, LD_LIBRARY_PATH: inherited ? `${libraries}:${inherited}` : libraries }))
  );
}

interface UnpackedChromium {
  readonly executable: string;
  readonly libraries: string;
  readonly fontsConfig: string;
}

/**
 * Unpacks the package's files once per version. The package can do so itself, but leaves a broken file for good when it is interrupted
 * and takes the libraries along only on one cloud; here a folder is either whole or not there.
 */
async function unpackChromium(): Promise<UnpackedChromium> {
  const require = createRequire(import.meta.url);
  const packageRoot = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..');
  const { version } = require(join(packageRoot, 'package.json')) as { version: string };
  const folder = join(tmpdir(), `assay-chromium-${version}-${process.getuid?.() ?? 0}`);
  const unpacked = {
    executable: join(folder, 'chromium'),
    libraries: join(folder, 'lib'),
    fontsConfig: join(folder, 'fonts.conf'),
  };
  if (existsSync(folder)) return unpacked;

  const partial = `${folder}.${randomUUID()}`;
  await mkdir(partial, { mode: 0o700 });
  try {
    const bin = join(packageRoot, 'bin');
    await decompress(join(bin, 'chromium.br'), join(partial, 'chromium'));
    await chmod(join(partial, 'chromium'), 0o755);
    for (const archive of ['al2023.tar', 'fonts.tar']) {
      await decompress(join(bin, `${archive}.br`), join(partial, archive));
      await promisify(execFile)('tar', ['-xf', join(partial, archive), '-C', partial, '--no-same-owner']);
      await rm(join(partial, archive));
    }
    await writeFile(join(partial, 'fonts.conf'), fontsConfig(join(folder, 'fonts')));
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process may have been quicker.
    if (!existsSync(folder)) throw error;
  }
  return unpacked;
}

async function decompress(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}</dir><cachedir>${folder}-cache</cachedir></fontconfig>`;
}
