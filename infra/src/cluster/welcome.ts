// What a person reads when the cluster has started: where to point miners, where to look, and which process is which.
import type { LocalCluster } from './local-cluster.ts';

export function welcome(cluster: LocalCluster, dir: string, demo: boolean): string {
  const { kafka, redis, clickHouse, services, stratumPorts, httpUrl } = cluster;
  const stratum = stratumPorts.map((port) => `stratum+tcp://127.0.0.1:${port}`).join('  ');
  const processes = [
    ...kafka.brokers.map(({ name, pid }) => line(name, pid, '')),
    line(redis.process.name, redis.process.pid, ''),
    line(clickHouse.process.name, clickHouse.process.pid, ''),
    ...services.map(({ name, process, opsUrl }) => line(name, process.pid, `${opsUrl}/readyz`)),
  ];
  return `
Assay is running as a cluster${demo ? ', with a simulated farm of 72 machines mining at both gateways' : ''}.

  Point miners at   ${stratum}
    username        tenant.site.rack.machine, for example acme.north.r1.m07
    password        x, or options: x,d=65536,rate=100T
  Dashboard         ${httpUrl}/
  GraphQL           ${httpUrl}/graphql
  SQL, read-only    ${clickHouse.url}/   curl '${clickHouse.url}/?query=SHOW+TABLES+FROM+assay'
  Kafka             ${kafka.bootstrap.join(',')}
  Redis             ${redis.url}
  Data and logs     ${dir}

${processes.join('\n')}

Ctrl-C takes it all down.
`;
}

function line(name: string, pid: number | undefined, url: string): string {
  return `  ${name.padEnd(18)}${`pid ${pid}`.padEnd(14)}${url}`.trimEnd();
}
