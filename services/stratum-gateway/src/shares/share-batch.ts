// Shares waiting for one append, as columns filled in place: those of the share block, those the prover takes, and who waits for
// which answer. Reused batch after batch. Invariant: items stand in the order their lines were read, so that answering them in
// order keeps the order of requests on every connection.
import { meetsTarget, REJECT_CODE, type Job, type RejectReason } from '@assay/mining';
import type { ProofBatch } from '@assay/pow';
import type { SubmittedBlock } from '@assay/share-block';
import type { CanonicalShare, CheckedSubmit, PublishedJob, SubmitLine } from '@assay/stratum';
import type { Connection } from '../miners/connection.ts';
import type { WorkerRecord } from '../miners/worker-registry.ts';

/** Shares per batch, and so per block and record. */
export const BATCH_SHARES = 1024;
/** An item that is no share but a reply that has to wait for those before it. */
const NOT_A_SHARE = -1;

/** How the room between the coinbase halves is divided: bytes of ours, and bytes of the miner's. */
export interface ExtranonceLayout {
  readonly extranonce1Bytes: number;
  readonly extranonce2Bytes: number;
}

let lastSerial = 0;

export class ShareBatch {
  /** Shares and replies in order. */
  items = 0;
  shares = 0;
  /** Shares to be hashed. */
  proofs = 0;
  /** How many of them have been. */
  proved = 0;
  readonly connections: (Connection | undefined)[] = [];
  readonly #shareOfItem: number[] = [];
  readonly #replies: (Uint8Array | undefined)[] = [];

  readonly submittedAtUs = new Float64Array(BATCH_SHARES);
  readonly rejectCode = new Uint8Array(BATCH_SHARES);
  readonly difficulty = new Float64Array(BATCH_SHARES);
  readonly workers: (WorkerRecord | undefined)[] = [];
  readonly #idOffsets = new Int32Array(BATCH_SHARES + 1);
  #ids = Buffer.alloc(BATCH_SHARES * 8);

  readonly #tenantCodes = new Uint32Array(BATCH_SHARES);
  readonly #workerCodes = new Uint32Array(BATCH_SHARES);
  readonly #job = new Int32Array(BATCH_SHARES);
  readonly #jobId = new Uint32Array(BATCH_SHARES);
  readonly #extranonce1: Uint8Array;
  readonly #extranonce1Offsets: Int32Array;
  readonly #extranonce2: Uint8Array;
  readonly #extranonce2Offsets = new Int32Array(BATCH_SHARES + 1);
  readonly #ntime = new Uint32Array(BATCH_SHARES);
  readonly #nonce = new Uint32Array(BATCH_SHARES);
  readonly #versionBits = new Uint32Array(BATCH_SHARES);
  readonly #versionMask = new Uint32Array(BATCH_SHARES);

  readonly #proofShare = new Int32Array(BATCH_SHARES);
  readonly #proofTargets: (Uint8Array | undefined)[] = [];
  readonly #proofPublished: (PublishedJob | undefined)[] = [];
  readonly #proofJob = new Int32Array(BATCH_SHARES);
  readonly #proofExtranonces: Uint8Array;
  readonly #proofOffsets: Int32Array;
  readonly #proofVersion = new Uint32Array(BATCH_SHARES);
  readonly #proofNtime = new Uint32Array(BATCH_SHARES);
  readonly #proofNonce = new Uint32Array(BATCH_SHARES);

  readonly #extranonce1Bytes: number;
  readonly #extranonce2Bytes: number;
  #serial = 0;
  #jobs: Job[] = [];
  #workerNames: string[] = [];
  #tenants = new Map<string, number>();

  constructor({ extranonce1Bytes, extranonce2Bytes }: ExtranonceLayout) {
    this.#extranonce1Bytes = extranonce1Bytes;
    this.#extranonce2Bytes = extranonce2Bytes;
    this.#extranonce1 = new Uint8Array(BATCH_SHARES * extranonce1Bytes);
    this.#extranonce1Offsets = strides(extranonce1Bytes);
    this.#extranonce2 = new Uint8Array(BATCH_SHARES * extranonce2Bytes);
    this.#proofExtranonces = new Uint8Array(BATCH_SHARES * (extranonce1Bytes + extranonce2Bytes));
    this.#proofOffsets = strides(extranonce1Bytes + extranonce2Bytes);
    this.reset();
  }

  get full(): boolean {
    return this.shares === BATCH_SHARES;
  }

  /** Empty again; lets go of everything it referred to. */
  reset(): void {
    this.connections.fill(undefined, 0, this.items);
    this.#replies.fill(undefined, 0, this.items);
    this.workers.fill(undefined, 0, this.shares);
    this.#proofTargets.fill(undefined, 0, this.proofs);
    this.#proofPublished.fill(undefined, 0, this.proofs);
    this.items = this.shares = this.proofs = this.proved = 0;
    this.#serial = ++lastSerial;
    this.#jobs = [];
    // Code 0 is nobody: a share that names no worker authorized on its connection is put on no one's record.
    this.#workerNames = [''];
    this.#tenants = new Map([['', 0]]);
  }

  /** A reply that must not overtake the shares before it on its connection. */
  addReply(connection: Connection, reply: Uint8Array): void {
    this.connections[this.items] = connection;
    this.#replies[this.items] = reply;
    this.#shareOfItem[this.items++] = NOT_A_SHARE;
  }

  /** A share with what the checks said of it; one that passed them is to be hashed. The batch must not be full. */
  addShare(
    connection: Connection,
    line: SubmitLine,
    wellFormed: boolean,
    share: CanonicalShare,
    checked: CheckedSubmit<WorkerRecord>,
    nowUs: number,
  ): void {
    const at = this.shares++;
    const { session } = connection;
    this.connections[this.items] = connection;
    this.#shareOfItem[this.items++] = at;
    this.#keepId(at, line);
    this.submittedAtUs[at] = nowUs;
    this.rejectCode[at] = REJECT_CODE[checked.reason];
    this.difficulty[at] = checked.tier === undefined ? 0 : checked.tier.difficulty;
    this.workers[at] = checked.worker;
    this.#workerCodes[at] = checked.worker === undefined ? 0 : this.#workerCode(checked.worker);
    this.#tenantCodes[at] = checked.worker === undefined ? 0 : this.#tenantCode(checked.worker.name.tenant);
    this.#job[at] = checked.published === undefined ? -1 : this.#jobIndex(checked.published.job);
    this.#jobId[at] = share.jobId;
    const extranonce1 = session.extranonce1;
    const extranonce1At = this.#extranonce1Offsets[at]!;
    for (let i = 0; i < this.#extranonce1Bytes; i++) this.#extranonce1[extranonce1At + i] = extranonce1[i]!;
    let extranonce2End = this.#extranonce2Offsets[at]!;
    if (wellFormed)
      for (let i = 0; i < this.#extranonce2Bytes; i++) this.#extranonce2[extranonce2End++] = share.extranonce2[i]!;
    this.#extranonce2Offsets[at + 1] = extranonce2End;
    this.#ntime[at] = wellFormed ? share.ntime : 0;
    this.#nonce[at] = wellFormed ? share.nonce : 0;
    this.#versionBits[at] = wellFormed ? checked.versionBits : 0;
    this.#versionMask[at] = checked.versionMask;
    if (isToBeHashed(checked)) this.#addProof(at, extranonce1, share, checked);
  }

  #addProof(at: number, extranonce1: Uint8Array, share: CanonicalShare, checked: CheckedSubmit<WorkerRecord>): void {
    const proof = this.proofs++;
    const { job } = checked.published!;
    this.#proofShare[proof] = at;
    this.#proofTargets[proof] = checked.tier!.target;
    this.#proofPublished[proof] = checked.published;
    this.#proofJob[proof] = this.#job[at]!;
    let to = this.#proofOffsets[proof]!;
    for (let i = 0; i < this.#extranonce1Bytes; i++) this.#proofExtranonces[to++] = extranonce1[i]!;
    for (let i = 0; i < this.#extranonce2Bytes; i++) this.#proofExtranonces[to++] = share.extranonce2[i]!;
    this.#proofVersion[proof] = (job.version & ~checked.versionMask) | (checked.versionBits & checked.versionMask);
    this.#proofNtime[proof] = share.ntime;
    this.#proofNonce[proof] = share.nonce;
  }

  /** The shares `[from, to)` of those to be hashed, as the prover takes them. */
  proofBatch(from: number, to: number): ProofBatch {
    return {
      count: to - from,
      job: this.#proofJob.subarray(from, to),
      jobs: this.#jobs,
      extranonce: { offsets: this.#proofOffsets.subarray(from, to + 1), bytes: this.#proofExtranonces },
      version: this.#proofVersion.subarray(from, to),
      ntime: this.#proofNtime.subarray(from, to),
      nonce: this.#proofNonce.subarray(from, to),
    };
  }

  /** Judges a share by its hash, 32 bytes at `offset`: rejects it when it misses its target, and hands it to who wants it. */
  judgeProof(proof: number, hashes: Uint8Array, offset: number): void {
    const share = this.#proofShare[proof]!;
    const published = this.#proofPublished[proof]!;
    const { wanted } = published;
    const isLate = this.rejectCode[share] !== 0;
    if (!isLate && !meetsTarget(hashes, offset, this.#proofTargets[proof]!))
      return this.reject(share, 'low_difficulty');
    if (wanted === undefined || !meetsTarget(hashes, offset, isLate ? published.networkTarget : wanted.target)) return;
    const extranonce = this.#proofOffsets[proof]!;
    const extranonce2At = extranonce + this.#extranonce1Bytes;
    wanted.take({
      job: published.job,
      worker: this.workers[share]!.name,
      extranonce1: this.#proofExtranonces.subarray(extranonce, extranonce2At),
      extranonce2: this.#proofExtranonces.subarray(extranonce2At, extranonce2At + this.#extranonce2Bytes),
      ntime: this.#proofNtime[proof]!,
      nonce: this.#proofNonce[proof]!,
      version: this.#proofVersion[proof]!,
      versionBits: this.#versionMask[share] === 0 ? undefined : this.#versionBits[share]!,
      hash: hashes.subarray(offset, offset + 32),
      blockCandidate: meetsTarget(hashes, offset, published.networkTarget),
      submittedAtUs: this.submittedAtUs[share]!,
    });
  }

  reject(share: number, reason: RejectReason): void {
    this.rejectCode[share] = REJECT_CODE[reason];
  }

  /** The share of an item, or -1. */
  shareOfItem(item: number): number {
    return this.#shareOfItem[item]!;
  }

  /** The waiting reply of an item that is no share. */
  replyOfItem(item: number): Uint8Array {
    return this.#replies[item]!;
  }

  /** Takes the share out of its connection's duplicate check, as if it had never been sent. */
  forget(share: number, connection: Connection): void {
    const from = this.#extranonce2Offsets[share]!;
    const extranonce2 = this.#extranonce2.subarray(from, from + this.#extranonce2Bytes);
    const [ntime, nonce, bits] = [this.#ntime[share]!, this.#nonce[share]!, this.#versionBits[share]!];
    connection.session.forget(this.#jobId[share]!, extranonce2, ntime, nonce, bits);
  }

  idLength(share: number): number {
    return this.#idOffsets[share + 1]! - this.#idOffsets[share]!;
  }

  /** Copies the share's request id to `out` and returns where it ends. */
  copyId(share: number, out: Uint8Array, at: number): number {
    let to = at;
    for (let from = this.#idOffsets[share]!; from < this.#idOffsets[share + 1]!; from++) out[to++] = this.#ids[from]!;
    return to;
  }

  /** The shares as a block: views on the columns, valid until `reset`. */
  block(gateway: string): SubmittedBlock {
    const { shares } = this;
    return {
      count: shares,
      gateway,
      submittedAtUs: this.submittedAtUs.subarray(0, shares),
      tenant: { codes: this.#tenantCodes.subarray(0, shares), values: [...this.#tenants.keys()] },
      worker: { codes: this.#workerCodes.subarray(0, shares), values: this.#workerNames },
      jobs: this.#jobs,
      job: this.#job.subarray(0, shares),
      extranonce1: {
        offsets: this.#extranonce1Offsets.subarray(0, shares + 1),
        bytes: this.#extranonce1.subarray(0, shares * this.#extranonce1Bytes),
      },
      extranonce2: {
        offsets: this.#extranonce2Offsets.subarray(0, shares + 1),
        bytes: this.#extranonce2.subarray(0, this.#extranonce2Offsets[shares]),
      },
      ntime: this.#ntime.subarray(0, shares),
      nonce: this.#nonce.subarray(0, shares),
      versionBits: this.#versionBits.subarray(0, shares),
      versionMask: this.#versionMask.subarray(0, shares),
      difficulty: this.difficulty.subarray(0, shares),
      rejectCode: this.rejectCode.subarray(0, shares),
    };
  }

  #keepId(share: number, line: SubmitLine): void {
    const { bytes, idStart, idEnd } = line;
    let to = this.#idOffsets[share]!;
    if (to + idEnd - idStart > this.#ids.length)
      this.#ids = Buffer.concat([this.#ids], this.#ids.length * 2 + idEnd - idStart);
    for (let from = idStart; from < idEnd; from++) this.#ids[to++] = bytes[from]!;
    this.#idOffsets[share + 1] = to;
  }

  #workerCode(worker: WorkerRecord): number {
    if (worker.batchSerial !== this.#serial) {
      worker.batchSerial = this.#serial;
      worker.batchCode = this.#workerNames.push(worker.name.worker) - 1;
    }
    return worker.batchCode;
  }

  #tenantCode(tenant: string): number {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    this.#tenants.set(tenant, this.#tenants.size);
    return this.#tenants.size - 1;
  }

  #jobIndex(job: Job): number {
    // Nearly every share is for the newest job; there are few.
    for (let i = this.#jobs.length - 1; i >= 0; i--) if (this.#jobs[i] === job) return i;
    return this.#jobs.push(job) - 1;
  }
}

/**
 * Whether a share's hash matters: when the checks found nothing wrong with it, or only that it is late. Work that its source has replaced
 * is worth nothing to us, but what meets the network target may still be a block: of that its source hears.
 */
export function isToBeHashed({ reason, published }: CheckedSubmit<WorkerRecord>): boolean {
  return reason === '' || (reason === 'stale' && published?.wanted !== undefined);
}

function strides(bytes: number): Int32Array {
  return Int32Array.from({ length: BATCH_SHARES + 1 }, (_, i) => i * bytes);
}
