// What the pages ask of alerts.
import { graphql, type ResultOf, type VariablesOf } from '@assay/api-client';

const ALERT = `
  id kind severity state startedAt firedAt okSince flapping silenced mayAcknowledge
  subject { tenant site rack worker part }
  evidence { name text }
  rule { id name }
  acknowledgedAt acknowledgedBy { kind name }
  resolvedAt resolvedBecause
  group { id dimension tenant site value workers of }
`;

export const ALERTS = graphql(`
  query Alerts($filter: AlertFilter, $after: String) {
    alerts(filter: $filter, first: 100, after: $after) {
      isCurrent
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ${ALERT} }
    }
    alertCounts { firing acknowledged critical warning info isCurrent }
  }
`);

export type ShownAlert = ResultOf<typeof ALERTS>['alerts']['nodes'][number];
export type AlertFilter = NonNullable<VariablesOf<typeof ALERTS>['filter']>;

export const ALERT_MESSAGES = graphql(`
  query AlertMessages($id: ID!) {
    alert(id: $id) {
      messages {
        id
        about
        channel
        channelName
        step
        at
        state
        attempts
        reason
      }
    }
  }
`);

export type ToldMessage = NonNullable<ResultOf<typeof ALERT_MESSAGES>['alert']>['messages'][number];

export const ALERT_COUNTS = graphql(`
  query AlertCounts {
    alertCounts {
      firing
      critical
    }
  }
`);

export const ALERTS_CHANGED = graphql(`
  subscription AlertsChanged {
    alertsChanged(intervalMs: 2000) {
      counts {
        firing
        critical
      }
    }
  }
`);

export const ACKNOWLEDGE = graphql(`
  mutation Acknowledge($ids: [ID!]!) {
    acknowledgeAlerts(ids: $ids) {
      outcome
    }
  }
`);

export const UNACKNOWLEDGE = graphql(`
  mutation Unacknowledge($ids: [ID!]!) {
    unacknowledgeAlerts(ids: $ids) {
      outcome
    }
  }
`);

export const WORKER_ALERTS = graphql(`
  query WorkerAlerts($name: String!) {
    worker(name: $name) {
      openAlerts { ${ALERT} }
    }
  }
`);
