// How to point a miner at this pool: say which machine it is, copy the settings, watch the first share come in.
import { useState, type ReactNode } from 'react';
import { graphql } from '@assay/api-client';
import { useQuery } from '../../api/use-query.ts';
import { Failure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { useSearchParams } from '../../router/location.ts';
import {
  hostAndPort,
  isLoopback,
  password,
  passwordProblem,
  username,
  usernameProblem,
  type PasswordParts,
  type WorkerParts,
} from './connection-settings.ts';
import { FirstSharePanel } from './first-share-panel.tsx';
import { GuidePanel } from './guide-panel.tsx';

interface ConnectionGuide {
  urls: string[];
  stratumPort: number;
  minimumDifficulty: number;
  demo: boolean;
}

const CONNECTION = graphql(`
  query Connection {
    connection {
      urls
      stratumPort
      minimumDifficulty
      demo
    }
  }
`);

export function ConnectPage(): ReactNode {
  const { data, error, refetch } = useQuery(CONNECTION, {});
  return (
    <>
      <PageHeader title="Connect a miner" />
      {data ? (
        <Connect guide={data.connection} />
      ) : (
        <div className="panel">
          {error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={10} />}
        </div>
      )}
    </>
  );
}

/** Takes a name from the address apart; without one, an example that works as it is. */
function startingParts(name: string | null): WorkerParts {
  const [tenant = '', site = '', rack = '', ...machine] = (name ?? 'acme.oslo.r01.m001').split('.');
  // A name of two parts is tenant and machine, of three tenant, site and machine.
  if (machine.length > 0) return { tenant, site, rack, machine: machine.join('.') };
  return rack === '' ? { tenant, site: '', rack: '', machine: site } : { tenant, site, rack: '', machine: rack };
}

function Connect({ guide }: { guide: ConnectionGuide }): ReactNode {
  const [params, setParams] = useSearchParams();
  const [parts, setParts] = useState(() => startingParts(params.get('worker')));
  const [options, setOptions] = useState<PasswordParts>({ rate: '', difficulty: '', interval: '' });
  const [chosenUrl, setChosenUrl] = useState<string>();
  const url = chosenUrl ?? guide.urls[0] ?? `stratum+tcp://${location.hostname}:${guide.stratumPort}`;
  const nameProblem = usernameProblem(parts);
  const user = username(parts);
  const changeParts = (change: Partial<WorkerParts>): void => {
    const next = { ...parts, ...change };
    setParts(next);
    setParams({ worker: username(next) }, { replace: true });
  };
  return (
    <div className="connect">
      <div className="column">
        <MachineForm
          parts={parts}
          options={options}
          problem={nameProblem ?? passwordProblem(options, guide.minimumDifficulty)}
          onParts={changeParts}
          onOptions={(change) => setOptions({ ...options, ...change })}
        >
          {guide.urls.length > 1 && (
            <label className="field wide">
              Pool address
              <select className="input" value={url} onChange={(event) => setChosenUrl(event.target.value)}>
                {guide.urls.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          )}
        </MachineForm>
        <GuidePanel settings={{ url, ...hostAndPort(url), user, password: password(options) }} />
        {isLoopback(url) && (
          <p className="banner warn note-box">
            <span>
              <strong>This pool listens on this machine only.</strong> For miners elsewhere in the network start it with{' '}
              <code>ASSAY_HOST</code> set to the address they can reach, or <code>0.0.0.0</code> for all.
            </span>
          </p>
        )}
      </div>
      <div className="column">
        <FirstSharePanel name={nameProblem === undefined ? user : ''} />
        <PasswordHelp minimumDifficulty={guide.minimumDifficulty} />
      </div>
    </div>
  );
}

interface MachineFormProps {
  readonly parts: WorkerParts;
  readonly options: PasswordParts;
  readonly problem: string | undefined;
  readonly onParts: (change: Partial<WorkerParts>) => void;
  readonly onOptions: (change: Partial<PasswordParts>) => void;
  readonly children: ReactNode;
}

function MachineForm({ parts, options, problem, onParts, onOptions, children }: MachineFormProps): ReactNode {
  return (
    <Panel title="Which machine">
      <div className="panel-body machine-form">
        {children}
        <Field label="Tenant" value={parts.tenant} onChange={(tenant) => onParts({ tenant })} />
        <Field label="Site" value={parts.site} onChange={(site) => onParts({ site })} />
        <Field label="Rack" value={parts.rack} onChange={(rack) => onParts({ rack })} />
        <Field label="Machine" value={parts.machine} onChange={(machine) => onParts({ machine })} />
        <Field
          label="Expected rate"
          value={options.rate}
          placeholder="like 100T"
          onChange={(rate) => onOptions({ rate })}
        />
        <Field
          label="Start difficulty"
          value={options.difficulty}
          placeholder="automatic"
          onChange={(difficulty) => onOptions({ difficulty })}
        />
        <Field
          label="Reporting interval"
          value={options.interval}
          placeholder="default"
          onChange={(interval) => onOptions({ interval })}
        />
        <p className="form-problem" role="status">
          {problem}
        </p>
      </div>
    </Panel>
  );
}

function Field({
  label,
  value,
  placeholder,
  onChange,
}: {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (value: string) => void;
}): ReactNode {
  return (
    <label className="field">
      {label}
      <input
        className="input"
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function PasswordHelp({ minimumDifficulty }: { minimumDifficulty: number }): ReactNode {
  return (
    <Panel title="Username and password">
      <dl className="help-list">
        <dt>
          <code>tenant.site.rack.machine</code>
        </dt>
        <dd>The first part is the tenant; dots are free after it. The table groups and filters by tenant and site.</dd>
        <dt>
          <code>rate=100T</code>
        </dt>
        <dd>What the machine should do, with k, M, G, T, P or E. Its contribution is measured against it.</dd>
        <dt>
          <code>d=65536</code>
        </dt>
        <dd>
          Difficulty to start with, at least {minimumDifficulty.toLocaleString('en-US', { maximumFractionDigits: 10 })}.
          Left out, the pool finds it.
        </dd>
        <dt>
          <code>interval=5m</code>
        </dt>
        <dd>Reporting interval. Options are separated by commas; anything else is the worker’s secret.</dd>
      </dl>
    </Panel>
  );
}
