// Two replays at once could put a record back twice. They are kept apart by a consumer group of their own: who holds the first
// partition of shares.dead may replay, the other waits. The log takes it from one that died.
import { TOPIC, type EventLog } from '@assay/event-log';
import { holding } from './holding.ts';

/**
 * Runs `work` once no other replay is under way.
 * @param onWait told when that takes long
 * @param work gets a signal that aborts when the turn is lost all the same
 */
export function oneAtATime<T>(log: EventLog, onWait: () => void, work: (turn: AbortSignal) => Promise<T>): Promise<T> {
  return holding(log, 'dead-letters', TOPIC.sharesDead, 0, onWait, ({ signal }) => work(signal));
}
