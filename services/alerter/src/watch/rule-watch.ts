// One rule over everything it applies to: a detector for each subject, and what is wrong with which. Says each change once, and on
// demand all that is wrong at present, since whoever is told may have started anew.
import { type Finding, type RuleKind, type Severity, type Subject, type Traits } from '@assay/alerting';
import {
  detectorFactory,
  evidenceText,
  type DetectionMinute,
  type DetectionRule,
  type Detector,
  type DetectorFactory,
  type Evidence,
  type LateShares,
  type Verdict,
} from '@assay/detection';
import type { Algorithm } from '@assay/mining';

/** What a rule looks at: every worker by itself, or all workers of a rack, a site or the tenant as if they were one. */
export type WatchLevel = 'worker' | 'rack' | 'site' | 'tenant';

export interface WatchRule {
  readonly id: string;
  /** Undefined for the workers of every tenant. */
  readonly tenant: string | undefined;
  readonly kind: RuleKind;
  readonly severity: Severity;
  readonly level: WatchLevel;
  readonly detection: DetectionRule;
  /** Whether a worker counts. */
  covers(worker: Subject, tags: readonly string[]): boolean;
}

export interface Watched {
  readonly subject: Subject;
  readonly traits: Traits;
}

interface Run {
  readonly watched: Watched;
  readonly algorithm: Algorithm;
  readonly detector: Detector;
  /** While it fires. */
  evidence: Evidence | undefined;
  /** The round of minutes it was in last. */
  seen: number;
}

export class RuleWatch {
  readonly rule: WatchRule;
  readonly #make: DetectorFactory;
  readonly #runs = new Map<string, Run>();
  #round = 0;

  constructor(rule: WatchRule) {
    this.rule = rule;
    this.#make = detectorFactory(rule.detection);
  }

  /** The closed minute of each of them. Whoever was there and is not among them any more is watched no longer. */
  minute(minutes: Iterable<readonly [Watched, DetectionMinute]>, atUs: number): Finding[] {
    const findings: Finding[] = [];
    this.#round++;
    for (const [watched, minute] of minutes) {
      const key = runKey(watched.subject, minute.algorithm);
      let run = this.#runs.get(key);
      if (run === undefined) {
        const { algorithm } = minute;
        run = { watched, algorithm, detector: this.#make(), evidence: undefined, seen: 0 };
        this.#runs.set(key, run);
      }
      run.seen = this.#round;
      this.#judge(run, run.detector.minute(minute), atUs, findings);
    }
    for (const [key, run] of this.#runs) {
      if (run.seen === this.#round) continue;
      this.#runs.delete(key);
      if (run.evidence !== undefined) findings.push(this.#finding(run, 'ok', run.evidence, atUs));
    }
    return findings;
  }

  /** Shares that came after their minute was handed in. */
  late(subject: Subject, algorithm: Algorithm, late: LateShares, atUs: number): Finding[] {
    const findings: Finding[] = [];
    const run = this.#runs.get(runKey(subject, algorithm));
    if (run !== undefined) this.#judge(run, run.detector.late(late), atUs, findings);
    return findings;
  }

  /** Everything that is wrong at present. */
  firing(atUs: number): Finding[] {
    return [...this.#runs.values()].flatMap((run) =>
      run.evidence === undefined ? [] : [this.#finding(run, 'firing', run.evidence, atUs)],
    );
  }

  #judge(run: Run, verdict: Verdict, atUs: number, findings: Finding[]): void {
    switch (verdict.type) {
      case 'raised':
        run.evidence = verdict.evidence;
        findings.push(this.#finding(run, 'firing', verdict.evidence, atUs));
        return;
      case 'firing':
        run.evidence = verdict.evidence;
        return;
      case 'cleared':
        run.evidence = undefined;
        findings.push(this.#finding(run, 'ok', verdict.evidence, atUs));
        return;
      case 'healthy':
      case 'unknown':
        // A late share may have shown that there was nothing.
        if (run.evidence !== undefined) findings.push(this.#finding(run, 'ok', run.evidence, atUs));
        run.evidence = undefined;
    }
  }

  #finding({ watched, algorithm }: Run, verdict: Finding['verdict'], evidence: Evidence, atUs: number): Finding {
    const { id, kind, severity } = this.rule;
    return {
      rule: id,
      kind,
      severity,
      subject: watched.subject,
      traits: watched.traits,
      atUs,
      verdict,
      evidence: { what: evidenceText(evidence), algorithm },
    };
  }
}

function runKey({ tenant, site, rack, worker }: Subject, algorithm: Algorithm): string {
  return worker === '' ? JSON.stringify([algorithm, tenant, site, rack]) : `${algorithm} ${worker}`;
}
