// A node source with somebody who listens: its jobs, what it put on record, and a share on a job at will.
import { systemClock } from '@assay/kernel';
import { silentLogger } from '@assay/platform';
import type { UpstreamRecord, UpstreamShare } from '@assay/share-block';
import { NodeSource, nodeSourceSchema, type SourcedJob } from '@assay/stratum-gateway';
import { parseUsername } from '@assay/tenancy';
import { mineBlock } from './block-mining.ts';

export const EXTRANONCE_SIZE = 8;

export class SourceWatch {
  readonly source: NodeSource;
  readonly jobs: SourcedJob[] = [];
  readonly away: string[] = [];
  readonly records: UpstreamRecord[] = [];
  #found = 0;

  constructor(settings: object) {
    const parsed = nodeSourceSchema.parse({
      type: 'node',
      coin: 'bitcoin',
      pollSeconds: 0.05,
      timeoutSeconds: 2,
      failBackSeconds: 0.3,
      ...settings,
    });
    this.source = new NodeSource(parsed, {
      name: 'node',
      gateway: 'g1',
      extranonceSize: EXTRANONCE_SIZE,
      versionMask: 0x1fffe000,
      clock: systemClock,
      logger: silentLogger,
    });
    this.source.start({
      job: (next) => void this.jobs.push(next),
      away: (reason) => void this.away.push(reason),
      record: (record) => void this.records.push(record),
    });
  }

  get job(): SourcedJob {
    return this.jobs.at(-1)!;
  }

  get shares(): UpstreamShare[] {
    return this.records.filter((record): record is UpstreamShare => record.type === 'share');
  }

  /** A machine finds a block on a job, and the gateway passes it on. */
  find({ job, wanted }: SourcedJob = this.job): void {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++this.#found);
    const share = mineBlock(job, Buffer.from('0a0b0c0d', 'hex'), counter);
    const worker = parseUsername('acme.north.a1')!;
    wanted!.take({ ...share, job, worker, versionBits: undefined, blockCandidate: true, submittedAtUs: 1 });
    // The bytes of a share are the caller's, who uses them again.
    counter.fill(0xee);
    share.hash.fill(0xee);
  }
}
