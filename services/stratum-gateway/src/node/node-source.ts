// Work from a node of one's own: a block template becomes a job that pays whom the settings name, and a share that meets the network's
// target becomes a block that every node gets at once.
//
// All nodes are watched all the time (node-watch.ts), one of them gives the work (choose-node.ts). Its long poll tells of a new block or of
// better transactions; beside it, each node is asked for its best block every `pollSeconds`, so that a long poll that hangs costs no more
// than that. Invariants: no job goes out before every payout is a script; a job that goes out is for the best block of the node in use, as
// far as that is known.
import { randomBytes } from 'node:crypto';
import { assert, hexFromBytes, type Clock } from '@assay/kernel';
import {
  blockOfShare,
  JOB_NONCE_BYTES,
  workOnTemplate,
  type BlockTemplate,
  type FoundBlock,
  type PayoutPart,
  type TemplateWork,
} from '@assay/mining';
import type { Logger } from '@assay/platform';
import type { FoundShare, JobSource, SourceListener } from '../jobs/job-source.ts';
import { BlockSubmitter, type NodeVerdict } from './block-submitter.ts';
import { chooseNode } from './choose-node.ts';
import { NodeClient, NodeError } from './node-client.ts';
import { COINS, type NodeSourceSettings } from './node-settings.ts';
import { NodeTallies } from './node-tallies.ts';
import { NodeWatch } from './node-watch.ts';
import { PayoutError, payoutSplit } from './payout-scripts.ts';
import { TemplateFeed } from './template-feed.ts';

export interface NodeSourceOptions {
  /** Of the source, as the jobs file has it. */
  readonly name: string;
  /** Of the gateway. */
  readonly gateway: string;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** Version bits machines may roll, unless the node needs them. */
  readonly versionMask: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** For the same previous block a long poll may bring a new job this often; each goes to every machine. */
const BETTER_JOB_MS = 5000;

export class NodeSource implements JobSource {
  readonly tallies = new NodeTallies();
  readonly #settings: NodeSourceSettings;
  readonly #options: NodeSourceOptions;
  readonly #nodes: readonly NodeWatch[];
  readonly #feeds: readonly TemplateFeed[];
  readonly #submitter: BlockSubmitter;
  #listener: SourceListener | undefined;
  #stopped = false;
  #pollTimers: (NodeJS.Timeout | undefined)[] = [];
  #refreshTimer: NodeJS.Timeout | undefined;
  #awayTimer: NodeJS.Timeout | undefined;
  /** Of the chain that the first node in order has: nodes of another one are left alone. */
  #genesis = '';
  #split: readonly PayoutPart[] | undefined;
  #active: number | undefined;
  #resolving = false;
  #template: BlockTemplate | undefined;
  /** The node the template came from. */
  #templateFrom = '';
  #jobAtMs = -Infinity;
  /** What was asked for when a template was: a job even if little is new, and clean even if the previous block is the same. */
  #asked: 'nothing' | 'job' | 'clean job' = 'nothing';
  #state = 'no node has answered yet';
  #away = false;

  constructor(settings: NodeSourceSettings, options: NodeSourceOptions) {
    this.#settings = settings;
    this.#options = options;
    const { coin, minPeers } = settings;
    const timeoutMs = settings.timeoutSeconds * 1000;
    const { rules } = COINS[coin];
    const wanted = { coin, minPeers, timeoutMs, behindMs: settings.behindSeconds * 1000, rules };
    this.#nodes = settings.urls.map((address) => new NodeWatch(new NodeClient(address), wanted));
    this.#feeds = this.#nodes.map(
      (node, index) =>
        new TemplateFeed({
          node: node.client,
          rules,
          timeoutMs,
          onTemplate: (template) => this.#take(template, index),
          onFailure: (error) => {
            node.failTemplate(error.message);
            this.#decide();
          },
          onLost: () => this.#poll(index),
        }),
    );
    this.#submitter = new BlockSubmitter({
      nodes: this.#nodes.map(({ client }) => client),
      submitMs: settings.submitSeconds * 1000,
      clock: options.clock,
      onAnswer: (block, answer) => this.#answered(block, answer),
    });
  }

  get state(): string {
    return this.#state;
  }

  /** For metrics. */
  get name(): string {
    return this.#options.name;
  }

  get nodes(): readonly NodeWatch[] {
    return this.#nodes;
  }

  /** The node that gives the work. */
  get active(): NodeWatch | undefined {
    return this.#active === undefined ? undefined : this.#nodes[this.#active];
  }

  get waitingBlocks(): number {
    return this.#submitter.waiting;
  }

  start(listener: SourceListener): void {
    this.#listener = listener;
    this.#refreshTimer = setInterval(() => this.refresh(false), this.#settings.refreshSeconds * 1000);
    this.#nodes.forEach((_node, index) => this.#poll(index));
  }

  refresh(newBlock: boolean): void {
    if (this.#active === undefined) return this.#renew(newBlock);
    if (newBlock || this.#asked === 'nothing') this.#asked = newBlock ? 'clean job' : 'job';
    this.#feeds[this.#active]!.fetch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#refreshTimer);
    clearTimeout(this.#awayTimer);
    for (const timer of this.#pollTimers) clearTimeout(timer);
    for (const feed of this.#feeds) feed.stop();
    await this.#submitter.stop();
    for (const { client } of this.#nodes) client.close();
  }

  /** Asks a node now, and again and again after that. */
  #poll(index: number): void {
    clearTimeout(this.#pollTimers[index]);
    const node = this.#nodes[index]!;
    const others = this.#nodes.filter((other) => other !== node && other.inOrderSinceMs !== undefined);
    void node.check(Math.max(0, ...others.map(({ height }) => height))).then(() => {
      if (this.#stopped) return;
      this.#checkNetwork(node);
      this.#decide();
      clearTimeout(this.#pollTimers[index]);
      this.#pollTimers[index] = setTimeout(() => this.#poll(index), this.#settings.pollSeconds * 1000);
    });
  }

  #checkNetwork(node: NodeWatch): void {
    if (node.inOrderSinceMs === undefined) return;
    this.#genesis ||= node.genesis;
    if (node.genesis !== this.#genesis) node.fail(`${node.client.endpoint} is on another network than the others`);
  }

  #decide(): void {
    if (this.#stopped) return;
    const { failBackSeconds } = this.#settings;
    const next = chooseNode(this.#nodes, this.#active, performance.now(), failBackSeconds * 1000);
    if (next !== this.#active) this.#use(next);
    else if (next === undefined) this.#lose();
    else if (this.#split === undefined) void this.#resolvePayouts(next);
    else if (this.#nodes[next]!.bestHash !== this.#prevHash) this.#feeds[next]!.fetch();
  }

  /** The block that machines work on top of, as nodes print it. */
  get #prevHash(): string {
    return this.#template === undefined ? '' : hexFromBytes(Uint8Array.from(this.#template.prevHash).reverse());
  }

  #use(next: number | undefined): void {
    const { logger, name } = this.#options;
    const before = this.active;
    if (this.#active !== undefined) this.#feeds[this.#active]!.stop();
    this.#active = next;
    if (next === undefined) return this.#lose();
    const { endpoint } = this.#nodes[next]!.client;
    if (before !== undefined || this.#template !== undefined) this.tallies.failovers++;
    logger.info({ source: name, node: endpoint, before: before?.client.endpoint, why: before?.trouble }, 'node in use');
    // Its transactions and its time are others, though the block may be the same.
    if (this.#asked === 'nothing') this.#asked = 'job';
    if (this.#split === undefined) void this.#resolvePayouts(next);
    else this.#feeds[next]!.start();
  }

  /** Every payout as a script, then the first template. */
  async #resolvePayouts(index: number): Promise<void> {
    if (this.#resolving) return;
    this.#resolving = true;
    const { payouts, timeoutSeconds } = this.#settings;
    const node = this.#nodes[index]!;
    try {
      const split = await payoutSplit(payouts, node.client, timeoutSeconds * 1000);
      if (this.#stopped || this.#active !== index || this.#split !== undefined) return;
      this.#split = split;
      this.#feeds[index]!.start();
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof PayoutError) return this.#sayAway(error.message);
      if (!(error instanceof NodeError)) throw error;
      node.failWith(error);
      this.#decide();
    } finally {
      this.#resolving = false;
    }
  }

  /** No node is in order: says so at once while there never was work, else after `awaySeconds`. */
  #lose(): void {
    const say = (): void => this.#sayAway(this.#nodes.map(({ trouble }) => trouble).join('; '));
    // Blocks found on the last template are still good, and wait for the nodes; what came after it is missing.
    if (this.#template !== undefined) this.#awayTimer ??= setTimeout(say, this.#settings.awaySeconds * 1000);
    else if (this.#nodes.every(({ asked }) => asked)) say();
  }

  #sayAway(reason: string): void {
    // Why may change while it lasts.
    this.#state = reason;
    if (this.#away) return;
    this.#away = true;
    this.#options.logger.error({ source: this.#options.name, reason }, 'no work from nodes');
    this.#listener?.away(reason);
  }

  #take(template: BlockTemplate, index: number): void {
    if (this.#stopped || index !== this.#active || this.#split === undefined) return;
    const before = this.#template;
    const newBlock = before === undefined || Buffer.compare(before.prevHash, template.prevHash) !== 0;
    const isSoon = performance.now() - this.#jobAtMs < BETTER_JOB_MS;
    if (!newBlock && !this.#away && this.#asked === 'nothing' && isSoon) return;
    const { client } = this.#nodes[index]!;
    try {
      this.#give(template, client.endpoint, newBlock || this.#asked === 'clean job');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#nodes[index]!.failTemplate(`${client.endpoint}: ${error.message}`);
      return this.#decide();
    }
    this.#template = template;
    this.#templateFrom = client.endpoint;
    this.#asked = 'nothing';
    this.#away = false;
    this.#state = 'ok';
    clearTimeout(this.#awayTimer);
    this.#awayTimer = undefined;
    this.tallies.templates++;
    this.tallies.lastTemplateAtMs = performance.now();
  }

  /** With every node away, the last template's job once more with the time of now: machines take a silent pool for dead. */
  #renew(clean: boolean): void {
    const template = this.#template;
    const { lastTemplateAtMs } = this.tallies;
    if (template === undefined || lastTemplateAtMs === undefined || this.#away) return;
    const seconds = Math.floor((performance.now() - lastTemplateAtMs) / 1000);
    this.#give({ ...template, ntime: template.ntime + seconds }, this.#templateFrom, clean);
  }

  /** Throws RangeError when the template cannot be worked on. */
  #give(template: BlockTemplate, endpoint: string, cleanJobs: boolean): void {
    assert(this.#split !== undefined, 'a job before its payouts are known');
    const { coin, tag } = this.#settings;
    const { extranonceSize, versionMask, clock, gateway, name } = this.#options;
    const work = workOnTemplate(template, {
      algorithm: COINS[coin].algorithm,
      split: this.#split,
      tag,
      extranonceSize,
      jobNonce: randomBytes(JOB_NONCE_BYTES),
    });
    this.#refreshTimer?.refresh();
    this.#jobAtMs = performance.now();
    const { job, target, difficulty, networkDifficulty } = work;
    const atUs = clock.nowUs();
    this.#listener?.job({
      job,
      cleanJobs,
      versionMask: (versionMask & ~template.requiredVersionBits) >>> 0,
      wanted: { target, difficulty, take: (share) => this.#found(work, share) },
    });
    this.#listener?.record({
      type: 'job',
      gateway,
      source: name,
      endpoint,
      jobHash: job.hash,
      upstreamJobId: '',
      upstreamDifficulty: networkDifficulty,
      atUs,
    });
  }

  #found(work: TemplateWork, share: FoundShare): void {
    const { gateway, name, logger } = this.#options;
    const block = blockOfShare(work, share);
    const { worker, submittedAtUs, blockCandidate } = share;
    const hash = hexFromBytes(Uint8Array.from(share.hash).reverse());
    logger.info({ source: name, block: block.id, height: block.height, worker: worker.worker }, 'block found');
    this.#submitter.submit(block, ({ endpoint, verdict, reason, sentAtUs, answeredAtUs, attempts }) => {
      this.tallies.blocks[verdict]++;
      this.#listener?.record({
        type: 'share',
        gateway,
        source: name,
        endpoint,
        jobHash: work.job.hash,
        upstreamJobId: '',
        upstreamDifficulty: work.networkDifficulty,
        hash,
        tenant: worker.tenant,
        worker: worker.worker,
        account: '',
        submittedAtUs,
        sentAtUs,
        answeredAtUs,
        attempts,
        verdict,
        reason,
        blockCandidate,
      });
    });
  }

  #answered(block: FoundBlock, { endpoint, verdict, reason }: NodeVerdict): void {
    const { logger, name } = this.#options;
    const told = { source: name, node: endpoint, block: block.id, height: block.height, verdict, reason };
    if (verdict !== 'accepted') return logger.error(told, 'block not taken by a node');
    logger.info(told, 'block taken by a node');
    // The node has a new best block: nobody has to wait for the next poll to work on top of it.
    if (this.active?.client.endpoint === endpoint) this.#feeds[this.#active!]!.fetch();
  }
}
