// What a letter holds, in lines: its headers, and the rows of its block if it decodes, else where that fails and its bytes.
import { TOPIC, type OpenedLetter } from '@assay/event-log';
import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import {
  decodeSubmitted,
  decodeVerified,
  ShareBlockError,
  type BinaryColumn,
  type SubmittedBlock,
  type VerifiedBlock,
} from '@assay/share-block';
import type { Letter } from './journal.ts';
import { hexDump, isoTime, plain } from './plain-text.ts';

export interface ShowLimits {
  readonly rows: number;
  readonly bytes: number;
}

export function* show(letter: Letter, opened: OpenedLetter, limits: ShowLimits): Generator<string> {
  const { record } = opened;
  yield `origin   ${plain(letter.id)}`;
  yield `set aside ${isoTime(letter.atUs)}`;
  yield `reason   ${plain(letter.reason)}`;
  yield `message  ${plain(letter.message)}`;
  yield `size     ${letter.bytes} bytes${letter.kept < letter.bytes ? `, of which the first ${letter.kept} were kept` : ''}`;
  yield `state    ${stateOf(letter)}`;
  if (record.key !== undefined) yield `key      ${plain(record.key)}`;
  for (const [name, value] of Object.entries(record.headers ?? {})) yield `header   ${plain(name)}: ${plain(value)}`;
  yield '';
  yield* content(letter, record.value, limits);
}

export function stateOf({ state }: Letter): string {
  switch (state.kind) {
    case 'dead':
      return 'dead';
    case 'begun':
      return 'replay begun, its end is not known';
    case 'replayed':
      return `replayed, to offset ${state.at}`;
  }
}

function* content(letter: Letter, value: Uint8Array, limits: ShowLimits): Generator<string> {
  switch (letter.origin.topic) {
    case TOPIC.sharesSubmitted:
    case TOPIC.sharesVerified: {
      const verified = letter.origin.topic === TOPIC.sharesVerified;
      try {
        yield* verified ? rows(decodeVerified(value), limits) : rows(decodeSubmitted(value), limits);
      } catch (error) {
        if (!(error instanceof ShareBlockError)) throw error;
        yield `this version cannot read it (${error.code}): ${plain(error.message)}`;
        yield* hexDump(value, limits.bytes);
      }
      return;
    }
    default:
      yield* hexDump(value, limits.bytes);
  }
}

function* rows(block: SubmittedBlock | VerifiedBlock, { rows: most }: ShowLimits): Generator<string> {
  yield `this version can read it: ${block.count} shares of gateway ${plain(block.gateway)}, ${block.jobs.length} jobs`;
  for (const { hash, algorithm } of block.jobs) yield `job ${hash} ${algorithm}`;
  for (let i = 0; i < Math.min(block.count, most); i++) yield share(block, i);
  if (block.count > most) yield `... ${block.count - most} more shares`;
}

function share(block: SubmittedBlock | VerifiedBlock, i: number): string {
  const fields = [
    isoTime(block.submittedAtUs[i]!),
    plain(block.tenant.values[block.tenant.codes[i]!]!),
    plain(block.worker.values[block.worker.codes[i]!]!),
    `job=${block.jobs[block.job[i]!]?.hash.slice(0, 12) ?? 'none'}`,
    `extranonce1=${binary(block.extranonce1, i)}`,
    `extranonce2=${binary(block.extranonce2, i)}`,
    `ntime=${hexFromUint32(block.ntime[i]!)}`,
    `nonce=${hexFromUint32(block.nonce[i]!)}`,
    `version_bits=${hexFromUint32(block.versionBits[i]!)}/${hexFromUint32(block.versionMask[i]!)}`,
    `difficulty=${block.difficulty[i]}`,
    `gateway=${verdict(block.rejectCode[i]!)}`,
  ];
  if ('hashes' in block) {
    const hash = Uint8Array.from(block.hashes.subarray(32 * i, 32 * i + 32)).reverse();
    fields.push(`validator=${verdict(block.verifiedRejectCode[i]!)}`, `hash=${hexFromBytes(hash)}`);
  }
  return fields.join(' ');
}

const verdict = (code: number): string => (code === 0 ? 'accepted' : REJECT_REASONS[code]!);

const binary = ({ offsets, bytes }: BinaryColumn, i: number): string =>
  hexFromBytes(bytes.subarray(offsets[i], offsets[i + 1]));
