import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { ADMIN, PASSWORD, People } from '../sample/people.ts';
import { followControl, SampleGateway } from '../sample/sample-gateway.ts';
import { parseUserCommand, runUserCommand, UserUsageError } from './user-tool.ts';

describe('npm run user', () => {
  let pool: SampleGateway;
  let people: People;
  beforeEach(async () => {
    pool = await SampleGateway.start();
    people = new People(pool);
  });
  afterEach(() => pool.stop());

  const run = async (...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const base = 'https://pool.example';
    await runUserCommand(parseUserCommand(args)!, pool.control, pool.clock.nowUs(), base, (line) => lines.push(line));
    return lines.join('\n');
  };
  const follow = async (printed: string, password = PASSWORD) => {
    const [, token] = /https:\/\/pool\.example\/#invitation=([\w-]+)/.exec(printed)!;
    return people.auth('invitation', { token, password });
  };

  it('makes the first user, who may do everything and sets a password by a link', async () => {
    expect(await run('list')).toContain('no users');
    const printed = await run('create', 'ann@example.org', 'Ann Lee');
    expect(await run('list')).toBe('ann@example.org  Ann Lee  operator_admin of *  (no password yet)');
    expect((await follow(printed)).status).toBe(200);
    expect((await people.login('ann')).status).toBe(200);
    expect([...pool.control.state.all('user')][0]).toMatchObject({
      changedBy: { kind: 'system' },
      body: { grants: [ADMIN] },
    });
  });

  it('makes users of one tenant or site', async () => {
    await people.tenant('acme');
    await run('create', 'bob@example.org', 'Bob', '--role', 'technician', '--tenant', 'acme', '--site', 'acme.north');
    expect(await run('list')).toContain('technician of acme.north');
    await expect(run('create', 'eve@example.org', 'Eve', '--tenant', 'globex')).rejects.toThrow('no tenant globex');
    await expect(run('create', 'BOB@example.org', 'Bob')).rejects.toThrow('Another user');
  });

  it('resets a password, which ends it and all sessions at once, and a second factor only when asked to', async () => {
    await people.user('ann', [ADMIN]);
    const { code } = await people.secondFactor('ann');
    const cookie = await people.cookieOf('ann', code());
    const first = await run('reset', 'Ann@example.org');
    expect((await people.state({ cookie })).user).toBeNull();
    expect((await people.login('ann', code(1))).status).toBe(401);
    expect((await follow(first)).cookie).toBeUndefined();
    expect((await people.login('ann')).body.error.code).toBe('SECOND_FACTOR_REQUIRED');
    expect((await follow(await run('reset', 'ann@example.org', '--second-factor'))).cookie).toBeDefined();
    expect((await people.login('ann')).status).toBe(200);
  });

  it('disables and enables', async () => {
    await people.user('root', [ADMIN]);
    await people.user('ann');
    const cookie = await people.cookieOf('ann');
    await run('disable', 'ann@example.org');
    expect((await people.state({ cookie })).user).toBeNull();
    expect((await people.login('ann')).status).toBe(401);
    await run('enable', 'ann@example.org');
    expect((await people.state({ cookie })).user).toBeNull();
    expect((await people.login('ann')).status).toBe(200);
    await expect(run('disable', 'root@example.org')).rejects.toThrow('last one who may do everything');
    await expect(run('disable', 'nobody@example.org')).rejects.toThrow('no user nobody@example.org');
  });

  test.each([
    [['create'], 'EMAIL'],
    [['create', 'a@b.c'], 'NAME'],
    [['create', 'a@b.c', 'A', '--role', 'god'], 'god'],
    [['list', 'x'], 'too many'],
    [['promote', 'a@b.c'], 'promote'],
    [['reset', 'a@b.c', '--force'], '--force'],
  ])('%j is refused', (args, said) => {
    expect(() => parseUserCommand(args)).toThrow(UserUsageError);
    expect(() => parseUserCommand(args)).toThrow(said);
  });
});

it('changes the embedded log of a pool that runs, from a process of its own', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'assay-user-'));
  try {
    const log = await openLmdbEventLog({ dir: join(dir, 'log'), clock: systemClock });
    await log.ensureTopics(topicSpecs(1));
    const control = await followControl(log);
    const heard = new Promise<string>((resolve) => control.onChange(({ changed }) => resolve(changed[0]!.kind)));
    const printed = await new Promise<string>((resolve, reject) =>
      execFile(
        process.execPath,
        [fileURLToPath(new URL('../../dist/user-main.js', import.meta.url)), 'create', 'ann@example.org', 'Ann'],
        { env: { ASSAY_DATA_DIR: dir, ASSAY_HTTP_PORT: '8099' } },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      ),
    );
    expect(printed).toContain('http://127.0.0.1:8099/#invitation=');
    expect(await heard).toBe('user');
    expect(control.state.find('user', 'ann@example.org')?.body.grants).toEqual([ADMIN]);
    control.close();
    await log.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});
