// What the pages ask and change of rules, channels and maintenance windows.
import { graphql, type ResultOf, type VariablesOf } from '@assay/api-client';

/** With all of a rule that can be entered. */
export const RULES = graphql(`
  query AlertRules($search: String, $first: Int!, $after: String) {
    alertRules(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        enabled
        under
        groups
        severity
        forSeconds
        clearForSeconds
        damping {
          times
          withinMinutes
          calmMinutes
        }
        looksFor {
          kind
          falseAlarmsPerWorkerYear
          disconnectedMinutes
          tolerance
          windowMinutes
          belowFraction
          clearFraction
          baselineFraction
          connects
          limitMs
          minutes
        }
        steps {
          afterMinutes
          channels
          webhooks
        }
        quietHours {
          timeZone
          days
          from
          to
          passes
        }
      }
    }
  }
`);

export type Rule = ResultOf<typeof RULES>['alertRules']['nodes'][number];

/** Whom rules can tell, of one tenant or of all that are seen. */
export const TARGETS = graphql(`
  query AlertTargets($tenant: String) {
    alertChannels(tenant: $tenant, first: 1000) {
      nodes {
        id
        tenant
        name
      }
    }
    webhooks(tenant: $tenant, first: 1000) {
      nodes {
        id
        tenant
        name
      }
    }
  }
`);

export const CREATE_RULE = graphql(`
  mutation CreateAlertRule($tenant: String!, $rule: AlertRuleInput!) {
    createAlertRule(tenant: $tenant, rule: $rule) {
      id
    }
  }
`);
export type RuleInput = VariablesOf<typeof CREATE_RULE>['rule'];

export const CHANGE_RULE = graphql(`
  mutation ChangeAlertRule($id: ID!, $version: Int!, $rule: AlertRuleInput!) {
    changeAlertRule(id: $id, version: $version, rule: $rule) {
      id
    }
  }
`);

export const REMOVE_RULE = graphql(`
  mutation RemoveAlertRule($id: ID!, $version: Int!) {
    removeAlertRule(id: $id, version: $version)
  }
`);

export const CHANNELS = graphql(`
  query AlertChannels($search: String, $first: Int!, $after: String) {
    alertChannels(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        enabled
        type
        chat
        to
        server {
          host
          port
          security
          from
          user
        }
      }
    }
  }
`);

export const WEBHOOKS = graphql(`
  query Webhooks($search: String, $first: Int!, $after: String) {
    webhooks(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        enabled
        url
        secrets
      }
    }
  }
`);

export const CREATE_CHANNEL = graphql(`
  mutation CreateAlertChannel($tenant: String!, $channel: AlertChannelInput!) {
    createAlertChannel(tenant: $tenant, channel: $channel) {
      id
    }
  }
`);
export type ChannelInput = VariablesOf<typeof CREATE_CHANNEL>['channel'];

export const CHANGE_CHANNEL = graphql(`
  mutation ChangeAlertChannel($id: ID!, $version: Int!, $channel: AlertChannelInput!) {
    changeAlertChannel(id: $id, version: $version, channel: $channel) {
      id
    }
  }
`);

export const REMOVE_CHANNEL = graphql(`
  mutation RemoveAlertChannel($id: ID!, $version: Int!) {
    removeAlertChannel(id: $id, version: $version)
  }
`);

export const CREATE_WEBHOOK = graphql(`
  mutation CreateWebhook($tenant: String!, $webhook: WebhookInput!) {
    createWebhook(tenant: $tenant, webhook: $webhook) {
      secret
    }
  }
`);
export type WebhookInput = VariablesOf<typeof CREATE_WEBHOOK>['webhook'];

export const CHANGE_WEBHOOK = graphql(`
  mutation ChangeWebhook($id: ID!, $version: Int!, $webhook: WebhookInput!) {
    changeWebhook(id: $id, version: $version, webhook: $webhook) {
      id
    }
  }
`);

export const REMOVE_WEBHOOK = graphql(`
  mutation RemoveWebhook($id: ID!, $version: Int!) {
    removeWebhook(id: $id, version: $version)
  }
`);

export const SEND_TEST = graphql(`
  mutation SendTestMessage($channel: ID!) {
    sendTestMessage(channel: $channel) {
      state
      reason
    }
  }
`);

export const WINDOWS = graphql(`
  query MaintenanceWindows($search: String, $first: Int!, $after: String) {
    maintenanceWindows(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        under
        from
        until
        note
      }
    }
  }
`);

export const CREATE_WINDOW = graphql(`
  mutation CreateMaintenanceWindow($tenant: String!, $window: MaintenanceWindowInput!) {
    createMaintenanceWindow(tenant: $tenant, window: $window) {
      id
    }
  }
`);
export type WindowInput = VariablesOf<typeof CREATE_WINDOW>['window'];

export const CHANGE_WINDOW = graphql(`
  mutation ChangeMaintenanceWindow($id: ID!, $version: Int!, $window: MaintenanceWindowInput!) {
    changeMaintenanceWindow(id: $id, version: $version, window: $window) {
      id
    }
  }
`);

export const REMOVE_WINDOW = graphql(`
  mutation RemoveMaintenanceWindow($id: ID!, $version: Int!) {
    removeMaintenanceWindow(id: $id, version: $version)
  }
`);
