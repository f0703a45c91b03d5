// The settings that each service takes, as its process parses them.
import { aggregatorSettings } from '@assay/aggregator';
import { graphqlGatewaySettings } from '@assay/graphql-gateway';
import { migratorSettings, retentionSettings } from '@assay/migrator';
import { CLUSTER_SETTINGS, type SettingsTable } from '@assay/platform';
import { gatewayProcessSettings, gatewaySettings } from '@assay/stratum-gateway';
import { validatorSettings } from '@assay/validator';

const OWN: Readonly<Record<string, readonly SettingsTable[]>> = {
  'stratum-gateway': [gatewaySettings, gatewayProcessSettings],
  validator: [validatorSettings],
  aggregator: [aggregatorSettings],
  'graphql-gateway': [graphqlGatewaySettings],
  migrator: [migratorSettings, retentionSettings],
};

/** Undefined for what is no service of ours. */
export function tablesOf(service: string): readonly SettingsTable[] | undefined {
  const own = OWN[service];
  return own === undefined ? undefined : [...own, ...CLUSTER_SETTINGS];
}
