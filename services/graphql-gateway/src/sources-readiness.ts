// Whether the gateway is ready where ClickHouse and the live state are servers of their own. It is, as long as one of them answers: live
// numbers without history, or history without live numbers, are better than a page that does not load. What is away is named all the same.
import type { ControlLog } from '@assay/control-log';
import { loadMigrations, requireMigrated, type AnalyticsStore } from '@assay/analytics';
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import { readyReport, type ReadyReport, type RunningService } from '@assay/platform';

export interface Sources {
  readonly gateway: Pick<RunningService, 'ready'>;
  readonly store: AnalyticsStore;
  readonly live: Pick<LiveState, 'standing'>;
  readonly control: Pick<ControlLog, 'isCaughtUp'>;
  readonly clock: Clock;
}

/** The check of a gateway that has started. It is not ready before ClickHouse has had the tables once, and it knows from the control log who may ask. */
export function sourcesReadiness({ gateway, store, live, control, clock }: Sources): () => Promise<ReadyReport> {
  let migrated = false;
  const clickHouse = async (): Promise<string> => {
    if (!migrated) await requireMigrated(store, await loadMigrations());
    migrated = true;
    return (await store.ping()) ? 'ok' : 'ClickHouse does not answer';
  };
  const liveState = async (): Promise<string> =>
    (await live.standing(clock.nowUs())).live ? 'ok' : 'the live state is being rebuilt or is behind';
  return async () => {
    const [own, clickhouse, liveCheck] = await Promise.all([
      gateway.ready(),
      clickHouse().catch(reasonOf),
      liveState().catch(reasonOf),
    ]);
    const controlLog = control.isCaughtUp ? 'ok' : 'the control log has not been read yet';
    const checks = { ...own.checks, clickhouse, live: liveCheck, control: controlLog };
    const some = migrated && (clickhouse === 'ok' || liveCheck === 'ok');
    return { ...readyReport(checks), ready: own.ready && some && control.isCaughtUp };
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
