import type { PartitionSession, Position } from '@assay/event-log';
import { describe, expect, it } from 'vitest';
import { BatchLedger, LedgerError } from './batch-ledger.ts';

function sessionAt(position?: Position): PartitionSession & { position: Position | undefined } {
  return {
    topic: 'shares.verified',
    partition: 2,
    signal: new AbortController().signal,
    position,
    async committed() {
      return this.position;
    },
    bounds: async () => ({ start: 17, end: 90 }),
    read: async () => [],
    async commit(next) {
      this.position = next;
    },
  };
}

const storeIsWhole = async (): Promise<boolean> => false;

describe('batch ledger', () => {
  it('begins at the first record there is, and goes on where a finished batch ended', async () => {
    const session = sessionAt();
    const { ledger, resumed } = await BatchLedger.open(session, 'one', storeIsWhole);
    expect(resumed).toEqual({ next: 17, replayTo: undefined, marks: {} });
    await ledger.begin({ from: 17, to: 20 }, {});
    await ledger.finish({ from: 17, to: 20 }, { 0: 41 });
    expect((await BatchLedger.open(session, 'two', storeIsWhole)).resumed).toEqual({
      next: 20,
      replayTo: undefined,
      marks: { 0: 41 },
    });
  });

  it('remembers a batch that was begun: its bounds, the marks before it, and its name', async () => {
    const session = sessionAt();
    const { ledger } = await BatchLedger.open(session, 'one', storeIsWhole);
    await ledger.begin({ from: 17, to: 25 }, { 1: 8 });
    const again = await BatchLedger.open(session, 'two', storeIsWhole);
    expect(again.resumed).toEqual({ next: 17, replayTo: 25, marks: { 1: 8 } });
    const bounds = { from: 17, to: 25 };
    expect(again.ledger.batchName(bounds)).toBe(ledger.batchName(bounds));
    expect(ledger.batchName(bounds)).toBe('shares.verified:2:one:17-25');
  });

  it('names batches of a log that began anew otherwise', async () => {
    const [before, after] = await Promise.all(
      ['one', 'two'].map((lineage) => BatchLedger.open(sessionAt(), lineage, storeIsWhole)),
    );
    expect(before!.ledger.batchName({ from: 0, to: 5 })).not.toBe(after!.ledger.batchName({ from: 0, to: 5 }));
  });

  it('begins again, under a new name, when the store has lost all that was written to it', async () => {
    const storeIsEmpty = async (): Promise<boolean> => true;
    const session = sessionAt();
    const { ledger } = await BatchLedger.open(session, 'one', storeIsEmpty);
    await ledger.begin({ from: 17, to: 25 }, {});
    // A first batch that was only begun leaves an empty store as well.
    expect((await BatchLedger.open(session, 'two', storeIsEmpty)).resumed).toMatchObject({ next: 17, replayTo: 25 });
    await ledger.finish({ from: 17, to: 25 }, { 0: 41 });
    // The partition comes back to the process that wrote to it.
    expect((await BatchLedger.open(session, 'one', storeIsEmpty)).resumed.next).toBe(25);
    const again = await BatchLedger.open(session, 'two', storeIsEmpty);
    expect(again.resumed).toEqual({ next: 17, replayTo: undefined, marks: {}, lostFrom: 25 });
    expect(again.ledger.batchName({ from: 17, to: 25 })).not.toBe(ledger.batchName({ from: 17, to: 25 }));
  });

  it.each(['', 'null', '{"v":2}', '{"v":1,"lineage":"x","sources":{"0":-1}}'])(
    'refuses a note it does not understand: %s',
    async (metadata) => {
      const opened = BatchLedger.open(sessionAt({ offset: 5, metadata }), 'x', storeIsWhole);
      await expect(opened).rejects.toThrow(LedgerError);
      await expect(opened).rejects.toThrow('shares.verified:2');
    },
  );
});
