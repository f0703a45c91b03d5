// Does what the command line asks for. The log is the caller's to close.
import { parseOrigin, type EventLog } from '@assay/event-log';
import { Journal, recordOf, type Letter } from './journal.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { HELP, type Command } from './options.ts';
import { isoTime, plain } from './plain-text.ts';
import { replay } from './replay.ts';
import { show, stateOf } from './show.ts';
import { skip } from './skip.ts';

/** Status 1: nothing matched, or something was refused. */
export type Status = 0 | 1;

export async function runCommand(command: Command, log: EventLog, print: (line: string) => void): Promise<Status> {
  switch (command.kind) {
    case 'help':
      print(HELP);
      return 0;
    case 'list':
      return list(await Journal.read(log), command, print);
    case 'show': {
      const letters = (await Journal.read(log)).of(command.origin);
      for (const letter of letters) for (const line of show(letter, await recordOf(log, letter), command)) print(line);
      return found(letters, `no letter of ${command.origin}`, print);
    }
    case 'skip':
      return skipOne(command, log, print);
    case 'replay':
      return oneAtATime(
        log,
        () => print('waiting for another replay to end ...'),
        (turn) => replayAll(command, log, turn, print),
      );
  }
}

function list(journal: Journal, { reason, limit }: Command & { kind: 'list' }, print: (line: string) => void): Status {
  const letters = journal.letters.filter((letter) => reason === undefined || letter.reason === reason);
  letters.sort((a, b) => a.atUs - b.atUs);
  const shown = letters.slice(Math.max(0, letters.length - limit));
  for (const letter of shown) {
    const { id, atUs, bytes, kept, message } = letter;
    const size = kept < bytes ? `${kept} of ${bytes} bytes` : `${bytes} bytes`;
    print([plain(id), isoTime(atUs), plain(letter.reason), size, stateOf(letter), plain(message)].join('  '));
  }
  if (shown.length < letters.length) print(`${letters.length - shown.length} earlier ones are not shown (--limit)`);
  return found(letters, reason === undefined ? 'no letters' : `no letters with reason ${reason}`, print);
}

async function replayAll(
  { origin, reason, dryRun, again }: Command & { kind: 'replay' },
  log: EventLog,
  turn: AbortSignal,
  print: (line: string) => void,
): Promise<Status> {
  const journal = await Journal.read(log);
  const letters = journal.letters.filter((letter) =>
    origin === undefined ? letter.reason === reason : letter.id === origin,
  );
  let refused = 0;
  for (const letter of letters) {
    if (turn.aborted) throw new Error('another replay took over; nothing more was put back');
    const outcome = await replay(log, journal, letter, { dryRun, again });
    const { topic, partition } = letter.origin;
    switch (outcome.kind) {
      case 'replayed':
        print(`${plain(letter.id)} put back as ${topic}:${partition}:${outcome.at}`);
        break;
      case 'found':
        print(`${plain(letter.id)} had been put back as ${topic}:${partition}:${outcome.at}`);
        break;
      case 'would replay':
        print(`${plain(letter.id)} would be put back on ${topic}:${partition}`);
        break;
      case 'refused':
        refused++;
        print(`${plain(letter.id)} is left: ${outcome.why}`);
    }
  }
  const status = found(
    letters,
    origin === undefined ? `no letters with reason ${reason}` : `no letter of ${origin}`,
    print,
  );
  return refused > 0 ? 1 : status;
}

async function skipOne(
  { origin, dryRun }: Command & { kind: 'skip' },
  log: EventLog,
  print: (line: string) => void,
): Promise<Status> {
  const onWait = (group: string): void =>
    print(`waiting for the partition: stop every process of group ${group} first ...`);
  const outcome = await skip(log, parseOrigin(origin)!, dryRun, onWait);
  switch (outcome.kind) {
    case 'skipped':
    case 'would skip': {
      const { from, to, group } = outcome;
      const did = outcome.kind === 'skipped' ? 'was taken' : 'would be taken';
      print(`group ${group} ${did} past ${to - from} records, from offset ${from} to ${to}`);
      return 0;
    }
    case 'refused':
      print(`${plain(origin)} is left: ${outcome.why}`);
      return 1;
  }
}

function found(letters: readonly Letter[], nothing: string, print: (line: string) => void): Status {
  if (letters.length === 0) print(plain(nothing));
  return letters.length === 0 ? 1 : 0;
}
