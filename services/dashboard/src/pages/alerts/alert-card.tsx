// One alert: what, since when, how it is known, who was told, and a button to say that somebody looks after it.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing } from '../../components/messages.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Age, Moment } from '../../components/time.tsx';
import { Link } from '../../router/link.tsx';
import { workerPath } from '../../router/routes.ts';
import { ALERT_MESSAGES, type ShownAlert } from './alert-documents.ts';
import { KIND_WORDS, messageText, SEVERITY_WORDS, subjectText } from './alert-text.ts';

const TAGS: Readonly<Record<string, string>> = { critical: 'bad', warning: 'warn' };

interface AlertCardProps {
  readonly alert: ShownAlert;
  readonly isBusy: boolean;
  readonly onAcknowledge: (ids: readonly string[], take: boolean) => void;
  readonly isOpen: boolean;
  readonly onOpen: (id: string | null) => void;
}

export function AlertCard({ alert, isBusy, onAcknowledge, isOpen, onOpen }: AlertCardProps): ReactNode {
  const { id, kind, severity, state, subject, evidence, startedAt, flapping, silenced } = alert;
  const tone = state === 'RESOLVED' ? 'over' : severity.toLowerCase();
  return (
    <li className={`alert ${tone}`}>
      <div className="alert-head">
        <span className={`tag ${TAGS[tone] ?? ''}`}>{state === 'RESOLVED' ? 'Over' : SEVERITY_WORDS[severity]}</span>
        <strong>{KIND_WORDS[kind]}</strong>
        <span className="alert-since">
          {alert.resolvedAt === null ? (
            <>
              for <Age since={startedAt} />
            </>
          ) : (
            <>
              <Moment at={startedAt} /> to <Moment at={alert.resolvedAt} />
            </>
          )}
        </span>
      </div>
      <p className="alert-subject mono">
        {subject.worker === null ? subjectText(subject) : <Link to={workerPath(subject.worker)}>{subject.worker}</Link>}
      </p>
      <dl className="alert-evidence">
        {evidence.map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="alert-notes muted">
        {state === 'PENDING' && 'Not for as long as the rule asks yet: nobody is told. '}
        {flapping && 'Comes and goes. '}
        {silenced === 'QUIET_HOURS' && 'Quiet hours: not told until they end. '}
        {silenced === 'MAINTENANCE' && 'Maintenance: not told until it ends. '}
        {alert.okSince !== null && alert.resolvedAt === null && 'Well again, waiting whether it lasts. '}
        {alert.resolvedBecause === 'RULE_REMOVED' && 'Its rule was removed. '}
        {alert.acknowledgedAt !== null && (
          <>
            {alert.acknowledgedBy?.name ?? 'Somebody'} has looked after it since <Moment at={alert.acknowledgedAt} />.
          </>
        )}
      </p>
      <div className="alert-actions">
        {alert.mayAcknowledge && state === 'FIRING' && (
          <button type="button" className="button primary" disabled={isBusy} onClick={() => onAcknowledge([id], true)}>
            Acknowledge
          </button>
        )}
        {alert.mayAcknowledge && state === 'ACKNOWLEDGED' && (
          <button type="button" className="button" disabled={isBusy} onClick={() => onAcknowledge([id], false)}>
            Take back
          </button>
        )}
        <button type="button" className="button" aria-expanded={isOpen} onClick={() => onOpen(isOpen ? null : id)}>
          Who was told
        </button>
      </div>
      {isOpen && <Told alert={alert} />}
    </li>
  );
}

function Told({ alert: { id, rule } }: { alert: ShownAlert }): ReactNode {
  const { data, error, refetch } = useQuery(ALERT_MESSAGES, { id }, { pollMs: 5_000 });
  const messages = data?.alert?.messages;
  if (messages === undefined)
    return error ? (
      <Failure error={error} onRetry={refetch} />
    ) : data ? (
      <Nothing title="It is gone" />
    ) : (
      <SkeletonLines lines={2} />
    );
  return (
    <div className="alert-told">
      {rule !== null && <p className="muted">By the rule “{rule.name}”.</p>}
      {messages.length === 0 && <p>Nobody was told.</p>}
      <ul>
        {messages.map((message) => (
          <li
            key={message.id}
            className={message.state === 'UNDELIVERABLE' || message.state === 'RETRYING' ? 'bad' : ''}
          >
            <Moment at={message.at} /> <strong>{message.channelName ?? 'a channel that was removed'}</strong>{' '}
            {messageText(message)}
            {message.step > 0 && <span className="muted"> (step {message.step + 1})</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
