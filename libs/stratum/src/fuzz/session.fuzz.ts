// Any sequence of lines on one connection: the session never throws, says nothing but whole JSON lines, and stays within its bounds.
import { assert } from '@assay/kernel';
import { SessionDriver } from '../testing/session-driver.ts';
import { START_US, testListener, testSession } from '../testing/test-session.ts';

const MAX_SENT_PER_LINE = 8;

export function fuzzOne(data: Uint8Array): void {
  const listener = testListener();
  const driver = new SessionDriver(testSession(listener));
  const { session } = driver;
  let nowUs = START_US;
  for (let start = 0; start < data.length;) {
    const lineFeed = data.indexOf(10, start);
    const end = lineFeed < 0 ? data.length : lineFeed;
    const { sent, reason } = driver.play(data, start, end, nowUs);
    start = end + 1;
    nowUs += 700_000;
    assert(sent.length <= MAX_SENT_PER_LINE, `${sent.length} lines sent for one`);
    for (const line of sent) checkSent(line);
    if (reason === 'hash') {
      const { tier, published, worker } = driver.checked;
      assert(
        tier !== undefined && published !== undefined && worker !== undefined,
        'a share to be hashed has a job, a difficulty and a worker',
      );
      session.onAccepted(tier.difficulty, nowUs);
    }
    session.onTick(nowUs);
    assert(session.workers.length <= listener.maxWorkersPerConnection, 'too many workers');
    assert((session.versionMask & ~listener.versionMask) === 0, 'version bits granted that are not ours');
    const { minDifficulty, maxDifficulty } = listener.vardiff;
    assert(
      !session.started || (session.difficulty >= minDifficulty && session.difficulty <= maxDifficulty),
      `difficulty ${session.difficulty}`,
    );
    assert(!session.started || session.ready, 'work for a miner that is not ready');
  }
}

function checkSent(line: string): void {
  const message = JSON.parse(line) as { readonly method?: unknown; readonly error?: unknown; readonly id?: unknown };
  assert('id' in message, 'a line without an id');
  if (message.method !== undefined) return;
  const { error } = message;
  const whole =
    error === null ||
    (Array.isArray(error) &&
      error.length === 3 &&
      Number.isInteger(error[0]) &&
      typeof error[1] === 'string' &&
      error[2] === null);
  assert(whole, `not a whole error: ${line}`);
}
