// Prints the shares of a record of shares.submitted or shares.verified, one JSON object a line, each hashed again.
// Needs the package apache-arrow and nothing of Assay:
//
//     kcat -C -b localhost:9092 -t shares.verified -p 0 -o 0 -c 1 -e -q -f %s | node read-share-block.mjs
import { createHash, scryptSync } from 'node:crypto';
import { tableFromIPC } from 'apache-arrow';

const sha256 = (data) => createHash('sha256').update(data).digest();
const sha256d = (data) => sha256(sha256(data));

/** The hash of a share, 32 bytes in header byte order; null when it names no job. */
function hashOf(share) {
  if (share.job === null) return null;
  const job = Buffer.from(share.job);
  if (job.toString('latin1', 0, 4) !== 'ASYJ' || job[4] !== 1) throw new Error('this job has another layout');
  const end1 = 60 + job.readUInt32LE(20);
  const end2 = end1 + job.readUInt32LE(24);
  let root = sha256d(
    Buffer.concat([job.subarray(60, end1), share.extranonce1, share.extranonce2, job.subarray(end1, end2)]),
  );
  for (let at = end2; at < job.length; at += 32) root = sha256d(Buffer.concat([root, job.subarray(at, at + 32)]));
  const mask = share.version_mask;
  const header = Buffer.alloc(80);
  header.writeUInt32LE(((job.readUInt32LE(8) & ~mask) | (share.version_bits & mask)) >>> 0, 0);
  header.set(job.subarray(28, 60), 4);
  header.set(root, 36);
  header.writeUInt32LE(share.ntime, 68);
  header.writeUInt32LE(job.readUInt32LE(12), 72);
  header.writeUInt32LE(share.nonce, 76);
  return job[5] === 2 ? scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }) : sha256d(header);
}

function isoMicros(us) {
  return new Date(Number(us / 1000n)).toISOString().replace('Z', `${String(us % 1000n).padStart(3, '0')}Z`);
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const table = tableFromIPC(Buffer.concat(chunks));
// A reader's own getter gives times in milliseconds.
const times = table.batches.flatMap((batch) => [...batch.getChild('submitted_at').data[0].values]);
table.toArray().forEach((row, i) => {
  const { job, ...share } = row.toJSON();
  const hashed = hashOf({ job, ...share });
  const shown = { ...share, submitted_at: isoMicros(times[i]), computed_hash: hashed };
  const hex = ([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value];
  process.stdout.write(`${JSON.stringify(Object.fromEntries(Object.entries(shown).map(hex)))}\n`);
});
