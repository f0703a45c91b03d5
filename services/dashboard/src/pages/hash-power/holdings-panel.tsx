// The holdings on one side, one of them chosen: the others are a row each.
import type { ReactNode } from 'react';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatUptime } from '../../format/fraction.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { Link } from '../../router/link.tsx';
import { formatPart, meanRate, type HeldAccount } from './figures.ts';

interface HoldingsPanelProps {
  readonly side: 'held' | 'given';
  readonly holdings: readonly HeldAccount[];
  readonly chosen: string | undefined;
  /** The page that shows one day by day. */
  readonly pathOf: (holding: string) => string;
}

export function HoldingsPanel({ side, holdings, chosen, pathOf }: HoldingsPanelProps): ReactNode {
  return (
    <Panel title={side === 'held' ? 'What is held' : 'What was given'}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={side === 'held' ? 'Holdings' : 'Given shares'}>
        <table className="simple-table holdings-table">
          <thead>
            <tr>
              <th scope="col">Machines</th>
              <th scope="col">{side === 'held' ? 'Owner' : 'Holder'}</th>
              <th scope="col" className="number">
                Part
              </th>
              <th scope="col">From, until</th>
              <th scope="col" className="number">
                Promised
              </th>
              <th scope="col" className="number">
                Got
              </th>
              <th scope="col">Got / promised</th>
              <th scope="col" className="number">
                Uptime
              </th>
            </tr>
          </thead>
          <tbody>
            {holdings.map((holding) => (
              <Row
                key={holding.id}
                side={side}
                holding={holding}
                isChosen={holding.id === chosen}
                path={pathOf(holding.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({
  side,
  holding,
  isChosen,
  path,
}: {
  side: 'held' | 'given';
  holding: HeldAccount;
  isChosen: boolean;
  path: string;
}): ReactNode {
  const { of, owner, holder, fraction, from, until, promisedHashRate, figures } = holding;
  const rate = meanRate(figures);
  const { contribution, uptime } = figures.total;
  return (
    <tr className={isChosen ? 'chosen' : ''}>
      <th scope="row">
        <Link to={path} aria-current={isChosen ? 'true' : undefined}>
          {of}
        </Link>
      </th>
      <td>{side === 'held' ? owner : holder}</td>
      <td className="number">{formatPart(fraction)}</td>
      <td className="nowrap">
        {from.slice(0, 10)} – {until === null ? 'open' : until.slice(0, 10)}
      </td>
      <td className="number">{promisedHashRate === null ? '–' : formatHashRate(promisedHashRate)}</td>
      <td className="number">{rate === null ? '–' : formatHashRate(rate.hashRate)}</td>
      <td>{contribution === null ? '–' : <ContributionBar contribution={contribution} interval={false} />}</td>
      <td className="number">{formatUptime(uptime)}</td>
    </tr>
  );
}
