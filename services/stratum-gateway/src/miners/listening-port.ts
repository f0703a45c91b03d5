// A port miners connect to: what it speaks, whose jobs machines get there at first, and the pipeline that proves their shares.
import type { Algorithm } from '@assay/mining';
import type { SessionListener } from '@assay/stratum';
import type { SharePipeline } from '../shares/share-pipeline.ts';
import type { WorkerRecord } from './worker-registry.ts';

export interface PortSettings {
  /** Names it in logs, in the control topic and in readiness. */
  readonly name: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly algorithm: Algorithm;
  /** The source of machines that no route names. */
  readonly source: string;
  /** Whether machines speak TLS here. */
  readonly tls: boolean;
}

export interface ListeningPort {
  readonly settings: PortSettings;
  readonly listener: SessionListener<WorkerRecord>;
  readonly pipeline: SharePipeline;
}
