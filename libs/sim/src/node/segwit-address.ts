// Addresses of native segwit outputs (BIP173, BIP350): the script an address stands for, and the address of a witness program.
const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32 = 1;
const BECH32M = 0x2bc830a3;
const CHECKSUM_LETTERS = 6;

/** The script, or undefined when the text is no address of the network that `prefix` names. */
export function scriptOfAddress(address: string, prefix: string): Buffer | undefined {
  if (address !== address.toLowerCase() && address !== address.toUpperCase()) return undefined;
  const text = address.toLowerCase();
  if (!text.startsWith(`${prefix}1`) || text.length > 90) return undefined;
  const letters = [...text.slice(prefix.length + 1)].map((letter) => LETTERS.indexOf(letter));
  if (letters.includes(-1) || letters.length < CHECKSUM_LETTERS + 1) return undefined;
  const version = letters[0]!;
  if (version > 16 || remainder([...expanded(prefix), ...letters]) !== checksumOf(version)) return undefined;
  const program = regroup(letters.slice(1, -CHECKSUM_LETTERS), 5, 8, false);
  if (program === undefined || program.length < 2 || program.length > 40) return undefined;
  if (version === 0 && program.length !== 20 && program.length !== 32) return undefined;
  return Buffer.from([version === 0 ? 0 : 0x50 + version, program.length, ...program]);
}

export function addressOfProgram(version: number, program: Uint8Array, prefix: string): string {
  const letters = [version, ...regroup([...program], 8, 5, true)!];
  const rest = remainder([...expanded(prefix), ...letters, 0, 0, 0, 0, 0, 0]) ^ checksumOf(version);
  const checksum = Array.from({ length: CHECKSUM_LETTERS }, (_, i) => (rest >>> (5 * (5 - i))) & 31);
  return `${prefix}1${[...letters, ...checksum].map((value) => LETTERS[value]).join('')}`;
}

function checksumOf(version: number): number {
  return version === 0 ? BECH32 : BECH32M;
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

function remainder(values: readonly number[]): number {
  let rest = 1;
  for (const value of values) {
    const top = rest >>> 25;
    rest = ((rest & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, i) => (rest ^= ((top >>> i) & 1) === 1 ? term : 0));
  }
  return rest >>> 0;
}

function regroup(values: readonly number[], from: number, to: number, pad: boolean): number[] | undefined {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) out.push((held >>> (bits -= to)) & (2 ** to - 1));
  }
  if (pad) {
    if (bits > 0) out.push((held << (to - bits)) & (2 ** to - 1));
  } else if (bits >= from || (held & (2 ** bits - 1)) !== 0) return undefined;
  return out;
}
