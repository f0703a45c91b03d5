// A miner that has been through the whole handshake and holds a job, on a raw connection.
import { MinerSession } from '@assay/sim';
import { RawConnection } from './raw-connection.ts';

export interface ReadyMiner {
  readonly connection: RawConnection;
  readonly session: MinerSession;
  readonly username: string;
}

/** Configures, subscribes, authorizes; resolves with the first job. Rejects when refused or closed. */
export function readyMiner(connection: RawConnection, index: number): Promise<ReadyMiner> {
  const username = `tenant${index % 3}.site${index % 2}.r${index % 50}.m${String(index).padStart(5, '0')}`;
  const session = new MinerSession({
    username,
    password: 'x',
    userAgent: 'bench/1.0',
    algorithm: 'sha256d',
    versionMask: 0x1fffe000,
  });
  return new Promise((resolve, reject) => {
    let partial = '';
    connection.onLost = reject;
    connection.onBytes = (bytes) => {
      const lines = (partial + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).split(
        '\n',
      );
      partial = lines.pop()!;
      for (const line of lines) {
        for (const item of session.receive(line).news) {
          if (item.type === 'authorized' && !item.ok) reject(new Error(`not authorized: ${line}`));
          if (item.type === 'job') resolve({ connection, session, username });
        }
      }
    };
    connection.write(session.open().join(''));
  });
}

/** Opens `count` miners at the gateway on `port`, each ready. */
export function openMiners(count: number, port: number): Promise<ReadyMiner[]> {
  return RawConnection.openMany(count, port, readyMiner);
}
