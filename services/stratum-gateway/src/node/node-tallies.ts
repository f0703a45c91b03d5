// Counts of what a node source did, read by its metrics.
import type { UpstreamVerdict } from '@assay/share-block';

export class NodeTallies {
  /** Templates that became jobs. */
  templates = 0;
  /** Times the work moved to another node. */
  failovers = 0;
  /** When the last template came, by performance.now(); undefined before the first. */
  lastTemplateAtMs: number | undefined;
  /** Found blocks by what became of them. */
  readonly blocks: Record<UpstreamVerdict, number> = { accepted: 0, rejected: 0, unanswered: 0, unsent: 0 };
}
