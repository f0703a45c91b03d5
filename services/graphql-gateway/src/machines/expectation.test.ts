import { describe, expect, it } from 'vitest';
import { expectationLine, meanOver } from './expectation.ts';

const entered = (fromUs: number, hashRateHs?: number, powerWatts?: number) => ({ fromUs, hashRateHs, powerWatts });
const announced = (fromUs: number, hashRateHs: number) => ({ fromUs, hashRateHs });

describe('the line of what was expected', () => {
  it('counts what people entered before what the password said, and goes back to it when that is taken away', () => {
    const line = expectationLine(
      [entered(0), entered(100, 9, 3000), entered(300, undefined, 3000)],
      [announced(50, 5), announced(200, 7)],
      undefined,
    );
    expect(line).toEqual([
      { fromUs: 0, hashRateHs: 5, powerWatts: undefined },
      { fromUs: 100, hashRateHs: 9, powerWatts: 3000 },
      { fromUs: 200, hashRateHs: 9, powerWatts: 3000 },
      { fromUs: 300, hashRateHs: 7, powerWatts: 3000 },
    ]);
  });

  it('is what the password says now where no connection is on record, and nothing where it said nothing', () => {
    expect(expectationLine([], [], 4)).toEqual([{ fromUs: 0, hashRateHs: 4, powerWatts: undefined }]);
    expect(expectationLine([], [announced(10, 0), announced(20, 6)], 6)).toEqual([
      { fromUs: 0, hashRateHs: undefined, powerWatts: undefined },
      { fromUs: 20, hashRateHs: 6, powerWatts: undefined },
    ]);
  });
});

describe('the mean over a time', () => {
  const line = expectationLine([entered(0), entered(100, 10), entered(200, 20)], [], undefined);

  it('weighs each value by how long it held', () => {
    expect(meanOver(line, 'hashRateHs', 150, 250)).toEqual({ mean: 15, isThroughout: true });
    expect(meanOver(line, 'hashRateHs', 175, 200)).toEqual({ mean: 10, isThroughout: true });
    expect(meanOver(line, 'hashRateHs', 1000, 1100)).toEqual({ mean: 20, isThroughout: true });
  });

  it('says where it was not on record all along, but for moments', () => {
    expect(meanOver(line, 'hashRateHs', 0, 100)).toBeUndefined();
    expect(meanOver(line, 'powerWatts', 0, 1000)).toBeUndefined();
    expect(meanOver(line, 'hashRateHs', 50, 150)).toEqual({ mean: 10, isThroughout: false });
    expect(meanOver(line, 'hashRateHs', 99.5, 199.5)).toEqual({ mean: 10, isThroughout: true });
  });
});
