// What the pages about bought, given and contributed hash power ask for.
import { graphql, type ResultOf } from '@assay/api-client';

export const ACCOUNT = graphql(`
  query Account($tenant: String!, $from: String, $days: Int!, $algorithm: Algorithm!) {
    account(tenant: $tenant, from: $from, days: $days, algorithm: $algorithm) {
      tenant
      name
      timeZone
      algorithm
      missing
      contributed {
        ...Figures
      }
      held {
        ...Holding
      }
      given {
        ...Holding
      }
      network {
        date
        difficulty
      }
    }
  }
  fragment Holding on HoldingAccount {
    id
    of
    owner
    holder
    fraction
    from
    until
    promisedHashRate
    figures {
      ...Figures
    }
  }
  fragment Figures on AccountFigures {
    total {
      hashes {
        value
        low
        high
      }
      promisedHashes
      contribution {
        fraction
        low
        high
      }
      uptime
      shares {
        accepted
        rejected
        invalidFraction
        byReason {
          reason
          count
        }
      }
      coins {
        value
        low
        high
      }
      pricedFraction
      isComplete
    }
    days {
      date
      from
      until
      isWholeDay
      hashes {
        value
        low
        high
      }
      hashRate {
        hashRate
        low
        high
      }
      promisedHashes
      contribution {
        fraction
        low
        high
      }
      uptime
      shares {
        accepted
        rejected
        invalidFraction
        byReason {
          reason
          count
        }
      }
      coins {
        value
        low
        high
      }
      isComplete
    }
  }
`);

export const TENANT_CHOICES = graphql(`
  query TenantChoices {
    viewer {
      kind
      grants {
        tenant
        site
      }
    }
    tenantEntries(first: 1000) {
      nodes {
        id
        name
      }
    }
    tenants {
      name
    }
  }
`);

export type Account = NonNullable<ResultOf<typeof ACCOUNT>['account']>;
export type TenantChoices = ResultOf<typeof TENANT_CHOICES>;
