// The dashboard as it ships, built for one test file, and a folder for what it looks like.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const DASHBOARD = fileURLToPath(new URL('../../../services/dashboard', import.meta.url));

/** `dist` is to be removed by who asked for it; `shots`, whose name is printed, is left for people. */
export async function buildDashboard(): Promise<{ readonly dist: string; readonly shots: string }> {
  const dist = await mkdtemp(join(tmpdir(), 'assay-dashboard-'));
  const shots = await mkdtemp(join(tmpdir(), 'assay-screenshots-'));
  process.stdout.write(`screenshots: ${shots}\n`);
  await build({ configFile: join(DASHBOARD, 'vite.config.ts'), logLevel: 'error', build: { outDir: dist } });
  return { dist, shots };
}
