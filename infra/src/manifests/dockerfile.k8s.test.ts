// The Dockerfile passes the linter, and the linter is there: one that breaks its rules is refused. No image is built here.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './installations.ts';
import { openToolbox } from './toolbox.ts';

const DOCKERFILE = join(REPOSITORY, 'infra', 'docker', 'Dockerfile');

let hadolint: string;
beforeAll(async () => {
  hadolint = (await openToolbox()).hadolint;
}, 1_800_000);

/** Codes of the rules that the file breaks. */
async function broken(file: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(hadolint, ['--format', 'json', '--no-fail', file]);
  return (JSON.parse(stdout) as { code: string }[]).map(({ code }) => code);
}

describe('the Dockerfile', () => {
  it('breaks none of the rules of hadolint', async () => {
    expect(await broken(DOCKERFILE)).toEqual([]);
  });

  it('runs as nobody in an image without a shell', async () => {
    const stages = (await readFile(DOCKERFILE, 'utf8')).split(/^FROM /m);
    expect(stages.at(-1)).toMatch(/^USER 65532:65532$/m);
    expect(stages.at(-1)).not.toMatch(/^RUN /m);
    expect(stages[0]).toMatch(/^ARG RUNTIME=gcr\.io\/distroless\/nodejs24-debian12:nonroot$/m);
  });

  it('would be refused with an image of no version, a last user of root, or sudo', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'assay-docker-'));
    try {
      const file = join(dir, 'Dockerfile');
      await writeFile(file, 'FROM node\nUSER root\nRUN sudo npm install -g pm2\n');
      expect(await broken(file)).toEqual(expect.arrayContaining(['DL3006', 'DL3002', 'DL3004']));
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
