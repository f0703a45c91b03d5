// The kinds of compression that the Node that runs the tests can do: all, from 22.15 on.
import { checkCompression, type Compression } from '../compression.ts';

const ALL: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export const COMPRESSIONS = ALL.filter((each) => {
  try {
    checkCompression(each);
    return true;
  } catch {
    return false;
  }
});
