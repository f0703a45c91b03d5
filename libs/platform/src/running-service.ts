// What a started service is to whoever started it.

/**
 * Why a service is or is not ready: each check by name, 'ok' or a sentence that says what is wrong. A service can be ready with a check
 * that is not ok: it then does its work with less than it should have.
 */
export interface ReadyReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

export interface RunningService {
  ready(): Promise<ReadyReport>;
  /** Finishes what is under way, commits it, and lets go of everything. Safe to call twice. */
  stop(): Promise<void>;
}

export function readyReport(checks: Readonly<Record<string, string>>): ReadyReport {
  return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
}

/** One report of many, each check prefixed by its service's name. */
export function mergeReadyReports(reports: Readonly<Record<string, ReadyReport>>): ReadyReport {
  const entries = Object.entries(reports).flatMap(([service, report]) =>
    Object.entries(report.checks).map(([check, state]) => [`${service}.${check}`, state] as const),
  );
  return { ready: Object.values(reports).every((report) => report.ready), checks: Object.fromEntries(entries) };
}
