// Settings per kind of miner: the exact fields as its own page or command line names them.

export interface Settings {
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
}

export interface GuideField {
  readonly label: string;
  readonly value: string;
}

export interface MinerGuide {
  readonly id: string;
  readonly name: string;
  readonly where: string;
  /** A command to run or lines for a configuration file. */
  readonly command?: (settings: Settings) => string;
  /** Fields of a form. */
  readonly fields?: (settings: Settings) => readonly GuideField[];
  readonly notes: readonly string[];
}

const poolUserPassword = ({ url, user, password }: Settings): GuideField[] => [
  { label: 'Pool URL', value: url },
  { label: 'Worker', value: user },
  { label: 'Password', value: password },
];

export const GUIDES: readonly MinerGuide[] = [
  {
    id: 'antminer',
    name: 'Antminer',
    where:
      'In the miner’s web page: Miner Configuration, Pool 1. The same fields are under Settings in Braiins OS and VNish.',
    fields: ({ url, user, password }) => [
      { label: 'URL', value: url },
      { label: 'Worker', value: user },
      { label: 'Password', value: password },
    ],
    notes: [
      'Leave pools 2 and 3 for another pool: a miner fails over by itself when it cannot reach this one.',
      'Give every machine its own last part of the name; machines that share a name share one row in the table.',
    ],
  },
  {
    id: 'whatsminer',
    name: 'Whatsminer',
    where: 'In the miner’s web page: Configuration, CGMiner Configuration, Pool 1; or in WhatsMinerTool under Pools.',
    fields: poolUserPassword,
    notes: [
      'Coin type stays BTC for SHA-256d machines.',
      'Press Save & Apply: Save alone keeps the old pool until the next restart.',
    ],
  },
  {
    id: 'cgminer',
    name: 'cgminer',
    where: 'On the command line, or in cgminer.conf. bfgminer takes the same options.',
    command: ({ url, user, password }) => `cgminer -o ${url} -u ${user} -p ${shellWord(password)}`,
    notes: ['Avalon machines use cgminer inside: their web page has the same three fields under Pool.'],
  },
  {
    id: 'cpuminer',
    name: 'cpuminer',
    where: 'On the command line; add -t N to choose the number of threads.',
    command: ({ url, user, password }) => `minerd -a sha256d -o ${url} -u ${user} -p ${shellWord(password)}`,
    notes: [
      'cpuminer-opt is called cpuminer and takes the same options. For Litecoin’s algorithm: -a scrypt.',
      'A CPU needs a low difficulty to send a share now and then: d=0.001 is a good start.',
    ],
  },
  {
    id: 'bitaxe',
    name: 'BitAxe, NerdMiner',
    where: 'In the device’s web page: Settings. Host and port are separate fields, the host without stratum+tcp://.',
    fields: ({ host, port, user, password }) => [
      { label: 'Stratum host', value: host },
      { label: 'Stratum port', value: port },
      { label: 'Stratum user', value: user },
      { label: 'Stratum password', value: password },
    ],
    notes: ['NerdMiner: d=0.0001 in the password, so that it finds shares at all.', 'Save, then restart the device.'],
  },
  {
    id: 'rental',
    name: 'NiceHash, MRR',
    where: 'NiceHash: My pools, Add new pool. MiningRigRentals: Account, My pools.',
    fields: ({ host, port, user, password }) => [
      { label: 'Algorithm', value: 'SHA256AsicBoost' },
      { label: 'Stratum hostname or IP', value: host },
      { label: 'Port', value: port },
      { label: 'Username', value: user },
      { label: 'Password', value: password },
    ],
    notes: [
      'Rented hash rate comes as one strong connection: ask for d=500000 or more.',
      'The address must be reachable from the internet.',
      'Set rate= to the speed you ordered: the table then shows whether you got it.',
    ],
  },
];

/** Quotes a word for a shell only when it needs it. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9=.,_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
